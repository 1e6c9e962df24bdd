// Serves the page: the few built files, read once, each with its type, its compressed form and how
// long it may be cached. Other paths are passed on to the next handler.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import express, { type Request, type Response, type Router } from 'express';
import { CONTENT_SECURITY_POLICY } from '../content-security-policy.ts';

/** Where `npm run build` puts them; the same path seen from `src` and from `dist`. */
const BUILT = fileURLToPath(new URL('../../dist/page', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The policy for the page's own files, which also forbids making markup from text. */
const POLICY = [
  ...Object.entries(CONTENT_SECURITY_POLICY).map(([what, from]) => `${what} ${from.join(' ')}`),
  "require-trusted-types-for 'script'",
].join('; ');

interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
  /** Its name changes with its content, so it may be cached for good. */
  readonly hashed: boolean;
}

export function createPage(folder: string = BUILT): Router {
  const files = read(folder);
  const page = express.Router();
  page.get('/', (req, res) => {
    const file = files.get('index.html');
    if (file !== undefined) return send(req, res, file);
    // Run from the sources, as tests do.
    res.status(503).type('text/plain').send('The page has not been built: npm run build\n');
  });
  page.get('/assets/:name', (req, res, next) => {
    const file = files.get(`assets/${req.params.name}`);
    if (file === undefined) return next();
    send(req, res, file);
  });
  return page;
}

function read(folder: string): ReadonlyMap<string, PageFile> {
  const kept = new Map<string, PageFile>();
  for (const place of ['', 'assets']) {
    for (const name of namesIn(join(folder, place))) {
      const type = TYPES[extname(name)];
      if (type === undefined) continue;
      const plain = readFileSync(join(folder, place, name));
      kept.set(place === '' ? name : `${place}/${name}`, {
        type,
        plain,
        gzip: gzipSync(plain, { level: 9 }),
        etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
        hashed: place === 'assets',
      });
    }
  }
  return kept;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return [];
    throw error;
  }
}

function send(req: Request, res: Response, file: PageFile): void {
  res.set({
    'Content-Type': file.type,
    'Cache-Control': file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Content-Security-Policy': POLICY,
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    ETag: file.etag,
    Vary: 'Accept-Encoding',
  });
  if (req.headers['if-none-match'] === file.etag) return void res.status(304).end();
  if (req.acceptsEncodings('gzip') !== 'gzip') return void res.end(file.plain);
  res.set('Content-Encoding', 'gzip').end(file.gzip);
}
