// One chart over time: steps or bars, with horizontal lines and shaded stretches. uPlot draws it;
// colours and type come from the style sheet, so that dark and light use the same code.

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

export interface HorizontalLine {
  readonly value: number;
  readonly label: string;
  /** The name of a colour in the style sheet. */
  readonly colour: string;
  readonly dash: readonly number[];
}

export interface ShadedRange {
  /** epoch ms */
  readonly from: number;
  readonly to: number;
}

export interface ChartProps {
  /** What it shows, in words, for those who cannot see it. */
  readonly summary: string;
  /** epoch ms, ascending */
  readonly times: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly series: readonly Series[];
  readonly lines?: readonly HorizontalLine[];
  readonly stretches?: readonly ShadedRange[];
}

const HEIGHT_REM = 13;
/** Steps of the axis: whole numbers only, since half a Task never waits. */
const WHOLE = [1, 2, 5].flatMap((n) => [n, n * 10, n * 100, n * 1_000, n * 10_000]).sort(byValue);

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
  const { times, series, from, to, lines = [], stretches = [] } = props;
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
  const most = Math.max(1, ...lines.map(({ value }) => value));
  const options: uPlot.Options = {
    width: Math.max(200, element.clientWidth),
    height: Math.round(em * HEIGHT_REM),
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: () => [from / 1_000, to / 1_000] },
      y: { range: (_, __, max) => [0, Math.max(most, max ?? 0) * 1.25] },
    },
    axes: [
      { ...axis, size: Math.round(em * 2), values: (_, ticks) => ticks.map(clockOf) },
      { ...axis, size: Math.round(em * 3), incrs: WHOLE },
    ],
    series: [{}, ...series.map((each) => seriesOf(each, colour(each.colour)))],
    hooks: {
      drawClear: [(plot) => fill(plot, stretches, colour('accent-ground'))],
      draw: [
        (plot) => fill(plot, stretches, colour('accent'), EDGE_PX),
        (plot) => drawLines(plot, lines, { colour, paper: colour('surface'), font, em }),
      ],
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

function byValue(a: number, b: number): number {
  return a - b;
}

function clockOf(seconds: number): string {
  const at = new Date(seconds * 1_000);
  return `${at.getHours()}`.padStart(2, '0').concat(':', `${at.getMinutes()}`.padStart(2, '0'));
}

/** The solid edge at the top of a stretch, which can be seen from afar. */
const EDGE_PX = 4;

/** Fills each stretch from the top: `px` of it, or all. */
function fill(plot: uPlot, stretches: readonly ShadedRange[], colour: string, px?: number): void {
  const { ctx, bbox } = plot;
  const height = px === undefined ? bbox.height : px * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colour;
  for (const { from, to } of stretches) {
    const left = Math.max(bbox.left, plot.valToPos(from / 1_000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to / 1_000, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, Math.max(2, right - left), height);
  }
  ctx.restore();
}

interface Pen {
  readonly colour: (name: string) => string;
  readonly paper: string;
  readonly font: string;
  readonly em: number;
}

function drawLines(plot: uPlot, lines: readonly HorizontalLine[], pen: Pen): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const type = pen.em * 0.8 * ratio;
  const named: number[] = [];
  ctx.save();
  ctx.font = pen.font.replace(/^\d+px/, `600 ${Math.round(type)}px`);
  ctx.lineJoin = 'round';
  for (const { value, label, colour, dash } of lines) {
    const y = Math.round(plot.valToPos(value, 'y', true));
    ctx.strokeStyle = pen.colour(colour);
    ctx.lineWidth = 2 * ratio;
    ctx.setLineDash(dash.map((n) => n * ratio));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    // Two lines close to each other are labelled at opposite ends.
    const taken = named.some((other) => Math.abs(other - y) < type * 1.3);
    if (!taken) named.push(y);
    ctx.textAlign = taken ? 'right' : 'left';
    const x = taken ? bbox.left + bbox.width - 6 * ratio : bbox.left + 6 * ratio;
    ctx.setLineDash([]);
    ctx.strokeStyle = pen.paper;
    ctx.lineWidth = 4 * ratio;
    ctx.strokeText(label, x, y - 6 * ratio);
    ctx.fillStyle = pen.colour(colour);
    ctx.fillText(label, x, y - 6 * ratio);
  }
  ctx.restore();
}
