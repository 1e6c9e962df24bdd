// Asks for the token that the page and the API need. It is sent once and stored nowhere.

import { useEffect, useState } from 'preact/hooks';
import { Refused } from '../live/api.ts';
import type { Session } from '../live/session.ts';

export function SignIn({ session }: { session: Session }) {
  const [token, setToken] = useState('');
  const [fault, setFault] = useState('');
  const [ended] = useState(session.view?.role != null);
  useEffect(() => {
    const back = () => {
      if (!document.hidden) void session.continueIfSignedIn();
    };
    addEventListener('focus', back);
    return () => removeEventListener('focus', back);
  }, [session]);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    try {
      await session.signIn(token);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setFault(error.message);
    }
    setToken('');
  }
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>headroom</h1>
        {ended && <p role="status">Your session has ended.</p>}
        <p class="field">
          <label for="token">Token</label>
          <input
            id="token"
            type="password"
            required
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </p>
        <p>
          <button type="submit" class="main">
            Sign in
          </button>
        </p>
        {fault !== '' && (
          <p role="alert" class="fault-text">
            {fault}
          </p>
        )}
        <p class="muted">Ask whoever runs headroom for a token (set in HEADROOM_TOKENS_FILE).</p>
      </form>
    </main>
  );
}
