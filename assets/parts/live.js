// What the server knows, kept fresh: asked often while something runs, ever more seldom while nothing does.

import { Disconnected } from '../api.js';
import { useCallback, useEffect, useRef, useState } from '../vendor/htm-preact-standalone.js';

const QUICK_MS = 700;
const SLOWEST_MS = 10_000;

/**
 * Loads again and again with `load()`. `busy(value)` says whether to ask again soon.
 *
 * Returns `{ value, error, refresh }`. A failed round keeps the value of the last good one. A lost
 * connection is no error here: the frame of the page shows it once for all.
 */
export function useLive(load, busy) {
  const [state, setState] = useState({ value: null, error: null });
  const poll = useRef(null);

  useEffect(() => {
    let pause = QUICK_MS;
    let timer;
    let turn = 0;

    async function round() {
      clearTimeout(timer);
      // A refresh may overtake a slow answer, which is then out of date.
      const mine = (turn += 1);
      try {
        const value = await load();
        if (mine !== turn) return;
        setState({ value, error: null });
        pause = busy(value) ? QUICK_MS : Math.min(pause * 1.5, SLOWEST_MS);
      } catch (error) {
        if (mine !== turn) return;
        setState((last) => ({ ...last, error: error instanceof Disconnected ? null : error }));
        pause = Math.min(pause * 1.5, SLOWEST_MS);
      }
      timer = setTimeout(unlessHidden, pause);
    }

    const unlessHidden = () => {
      if (!document.hidden) round();
    };
    const now = () => {
      pause = QUICK_MS;
      return round();
    };
    const whenSeen = () => {
      if (!document.hidden) now();
    };

    poll.current = now;
    round();
    document.addEventListener('visibilitychange', whenSeen);
    addEventListener('online', now);
    return () => {
      turn = -1;
      poll.current = null;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', whenSeen);
      removeEventListener('online', now);
    };
  }, []);

  const refresh = useCallback(() => poll.current?.(), []);
  return { ...state, refresh };
}

/** Runs what a button asks for: `{ run, working, error }`; a second press while it works does nothing. */
export function useAction(act) {
  const [state, setState] = useState({ working: false, error: null });
  const run = async (...given) => {
    if (state.working) return false;
    setState({ working: true, error: null });
    try {
      await act(...given);
      setState({ working: false, error: null });
      return true;
    } catch (error) {
      setState({ working: false, error });
      return false;
    }
  };
  return { ...state, run };
}

/** Draws again every second while `ticking`, for what shows passing time. */
export function useTick(ticking) {
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => setTick((tick) => tick + 1), 1_000);
    return () => clearInterval(timer);
  }, [ticking]);
}
