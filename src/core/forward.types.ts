// A genuine delivery on its way to somebody else.

export interface Forward {
  readonly route: 'taskrouter' | 'event-streams';
  readonly contentType: string;
  /** The body as it came, in base64: a queue may refuse some characters, and no byte may change. */
  readonly body: string;
  /** The signature as it came. */
  readonly signature: string;
  /** When it came, epoch ms. */
  readonly at: number;
}
