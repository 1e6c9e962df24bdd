// An existing address, requested with a method that it does not support: 405 with the methods that
// it does.

import type { Express, RequestHandler } from 'express';
import { sendProblem } from './problem.ts';

/** Express' own form of its routes; a router within a router is a layer with layers of its own. */
interface Layer {
  match(path: string): unknown;
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

const API = '/api/v1';

/** Belongs after all routes. */
export function methodNotAllowed(app: Express): RequestHandler {
  return (req, res, next) => {
    const { stack } = app.router as unknown as { readonly stack: readonly Layer[] };
    const methods = [...new Set(methodsAt(stack, req.path))].sort();
    if (methods.length === 0) return next();
    const allow = methods.map((method) => method.toUpperCase());
    if (allow.includes('GET')) allow.push('HEAD');
    const detail = `${req.method} is not supported here: expected ${allow.join(', ')}.`;
    sendProblem(res, 405, detail, { Allow: allow.join(', ') });
  };
}

function methodsAt(stack: readonly Layer[], path: string): readonly string[] {
  return stack.flatMap((layer) => {
    if (layer.route !== undefined) return layer.match(path) ? Object.keys(layer.route.methods) : [];
    const within = layer.handle?.stack;
    if (within === undefined) return [];
    // A router does not store its prefix; all that have one have this one.
    const isRooted = layer.match('/');
    const inApi = path.startsWith(`${API}/`) && layer.match(API);
    if (!isRooted && !inApi) return [];
    return methodsAt(within, isRooted ? path : path.slice(API.length));
  });
}
