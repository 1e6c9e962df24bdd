// One chart over time: steps or bars, with lines across and stretches behind. uPlot draws; colours
// and type come from the style sheet, so that dark and light are the same code.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Series {
  readonly label: string;
  /** The name of a colour in the style sheet. */
  readonly colour: string;
  readonly kind: 'step' | 'bars';
  readonly values: readonly (number | null)[];
}

export interface Across {
  readonly value: number;
  readonly label: string;
  readonly dash: readonly number[];
}

export interface Stretch {
  /** epoch ms */
  readonly from: number;
  readonly to: number;
}

export interface ChartProps {
  /** What it shows, in words: a chart is nothing to whoever cannot see it. */
  readonly summary: string;
  /** epoch ms, ascending */
  readonly times: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly series: readonly Series[];
  readonly lines?: readonly Across[];
  readonly stretches?: readonly Stretch[];
}

const HEIGHT_REM = 13;

export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const { summary } = props;
  const content = JSON.stringify(props);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let plot = draw(element, props);
    const redraw = () => {
      plot.destroy();
      plot = draw(element, props);
    };
    const watch = new ResizeObserver(([entry]) => {
      if (Math.abs((entry?.contentRect.width ?? 0) - plot.width) > 1) redraw();
    });
    watch.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', redraw);
    return () => {
      dark.removeEventListener('change', redraw);
      watch.disconnect();
      plot.destroy();
    };
  }, [content]);
  return <div ref={place} class="chart" role="img" aria-label={summary} />;
}

function draw(element: HTMLElement, props: ChartProps): uPlot {
  const { times, series, from, to } = props;
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const em = Number.parseFloat(style.fontSize);
  const font = `${Math.round(em * 0.8)}px ${style.fontFamily}`;
  const axis = {
    stroke: colour('soft'),
    font,
    grid: { stroke: colour('faint'), width: 1 },
    ticks: { stroke: colour('line'), width: 1, size: 4 },
  };
  const most = Math.max(1, ...(props.lines ?? []).map(({ value }) => value));
  const options: uPlot.Options = {
    width: Math.max(200, element.clientWidth),
    height: Math.round(em * HEIGHT_REM),
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: () => [from / 1_000, to / 1_000] },
      y: { range: (_, __, max) => [0, Math.max(most, max ?? 0) * 1.12] },
    },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map(clockOf) },
      { ...axis, size: Math.round(em * 3) },
    ],
    series: [{}, ...series.map((each) => seriesOf(each, colour(each.colour)))],
    hooks: {
      drawClear: [(plot) => drawStretches(plot, props.stretches ?? [], colour('accent-ground'))],
      draw: [(plot) => drawLines(plot, props.lines ?? [], { ink: colour('warn'), font, em })],
    },
  };
  const data = [times.map((t) => t / 1_000), ...series.map(({ values }) => [...values])];
  return new uPlot(options, data as uPlot.AlignedData, element);
}

function seriesOf({ label, kind }: Series, stroke: string): uPlot.Series {
  const common = { label, stroke, points: { show: false } };
  if (kind === 'bars') {
    return {
      ...common,
      fill: stroke,
      paths: uPlot.paths.bars?.({ size: [0.7, 40] }) ?? (() => null),
    };
  }
  return {
    ...common,
    width: 2,
    fill: `color-mix(in srgb, ${stroke} 12%, transparent)`,
    paths: uPlot.paths.stepped?.({ align: 1 }) ?? (() => null),
  };
}

function clockOf(seconds: number): string {
  const at = new Date(seconds * 1_000);
  return `${at.getHours()}`.padStart(2, '0').concat(':', `${at.getMinutes()}`.padStart(2, '0'));
}

function drawStretches(plot: uPlot, stretches: readonly Stretch[], fill: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = fill;
  for (const { from, to } of stretches) {
    const left = Math.max(bbox.left, plot.valToPos(from / 1_000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to / 1_000, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
  }
  ctx.restore();
}

interface Pen {
  readonly ink: string;
  readonly font: string;
  readonly em: number;
}

function drawLines(plot: uPlot, lines: readonly Across[], { ink, font, em }: Pen): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ink;
  ctx.fillStyle = ink;
  ctx.lineWidth = 1.5 * ratio;
  ctx.font = font.replace(/^\d+px/, `${Math.round(em * 0.75 * ratio)}px`);
  ctx.textAlign = 'right';
  for (const { value, label, dash } of lines) {
    const y = plot.valToPos(value, 'y', true);
    ctx.setLineDash(dash.map((n) => n * ratio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y - 7 * ratio);
  }
  ctx.restore();
}
