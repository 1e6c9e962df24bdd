/**
 * A request that TaskRouter would refuse, as the code and status it answers with. The engine throws
 * it, the HTTP layer turns it into an error body, in-process callers see it as an Error.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}

/** TaskRouter's catch-all for invalid input and illegal state. */
export function invalid(message: string): Refusal {
  return new Refusal(400, 20001, message);
}

export function notFound(path: string): Refusal {
  return new Refusal(404, 20404, `The requested resource ${path} was not found`);
}

export function preconditionFailed(): Refusal {
  // The code that Twilio sends with a 412 is not published; the status is what clients act on.
  return new Refusal(412, 20412, 'The If-Match header does not match the current version');
}
