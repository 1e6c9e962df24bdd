// A genuine delivery to be forwarded to another system.

export interface Forward {
  readonly route: 'taskrouter' | 'event-streams';
  readonly contentType: string;
  /** The body as received, in base64: a queue may refuse characters, and no byte may change. */
  readonly body: string;
  /** The signature as received. */
  readonly signature: string;
  /** When it was received, epoch ms. */
  readonly at: number;
}
