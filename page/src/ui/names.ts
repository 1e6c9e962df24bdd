// Names as people wrote them, in sentences that run left to right.

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** Characters that nobody sees and that turn the direction of whatever follows them. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Without what would turn the text around it; what people type needs none of it. */
export function stripBidiControls(text: string): string {
  return text.replace(BIDI_CONTROLS, '');
}

/** For finding a text by what is typed: without capitals and accents, which few people type. */
export function searchText(text: string): string {
  return stripBidiControls(text).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Isolates a right-to-left name, which would otherwise reorder the text beside it. */
export function isolateBidi(name: string): string {
  const plain = stripBidiControls(name);
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}
