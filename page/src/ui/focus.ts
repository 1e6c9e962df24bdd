// Where the keyboard focus goes when what had it goes away.

/** To the view as a whole: the next Tab reaches its first control. */
export function focusContent(): void {
  document.getElementById('main')?.focus();
}
