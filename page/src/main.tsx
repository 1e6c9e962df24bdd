// Starts the page.

import { render } from 'preact';
import { App } from './app.tsx';
import { Live } from './live/live.ts';
import { Session } from './live/session.ts';
import './style/base.css';
import './style/floor.css';
import './style/views.css';

const place = document.getElementById('page');
if (place !== null) {
  const live = new Live();
  live.start();
  // In a task of its own: compiling the script already took one.
  setTimeout(() => render(<App live={live} session={new Session(live)} />, place));
}
