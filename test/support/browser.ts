// A headless Chromium at the page of a daemon under test. Console errors and exceptions of the page
// fail the test that caused them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

let browser: Browser | null = null;
let faults: string[] = [];

/** Once per file, before its tests: one browser for all of them, each with its own pages. */
export function useBrowser(): void {
  beforeAll(async () => {
    const executablePath = process.env.TEST_CHROMIUM;
    if (executablePath === undefined) throw new Error('TEST_CHROMIUM names no Chromium');
    // Chromium's own sandbox needs rights that a container does not give.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    const found = faults;
    faults = [];
    expect(found).toEqual([]);
  });
  afterAll(() => browser?.close());
}

export interface Opening extends BrowserContextOptions {
  /** Console errors that the test provokes, each as a part of its text. */
  readonly expected?: readonly string[];
}

/** Opens `url`, e.g. with `#/journal` behind it. */
export async function open(url: string, options: Opening = {}): Promise<Page> {
  if (browser === null) throw new Error('useBrowser was not called');
  const { expected = [], ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...rest });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    const known = expected.some((part) => text.includes(part));
    if (message.type() === 'error' && !known) faults.push(text);
  });
  await page.goto(url);
  return page;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations that axe finds on the page, one sentence each. */
export async function axeOf(page: Page): Promise<readonly string[]> {
  // Evaluated through the debugger, which the page's own policy does not restrict.
  await page.evaluate(AXE);
  const found: unknown = await page.evaluate('axe.run(document)');
  const { violations } = found as {
    violations: readonly { id: string; help: string; nodes: readonly { html: string }[] }[];
  };
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html ?? ''}`);
}
