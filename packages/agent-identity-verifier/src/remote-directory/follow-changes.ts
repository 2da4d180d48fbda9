import { startTimer } from 'agent-identity-core/http';
import {
  type DirectoryChange,
  directoryChangeSchema,
  directoryChangesPath,
  directoryPositionSchema,
} from '../directory-wire/index.js';
import type { VerificationError } from '../errors.js';
import { unusableResponse } from './directory-errors.js';
import { openEventStream, type StreamEvent } from './open-event-stream.js';
import type { RemoteDirectorySettings } from './remote-directory-options.js';

/** Follows the changes of an authority's directory. */
export interface ChangeFollower {
  /**
   * The same object as long as every change was told, `undefined` while the stream is silent: then changes may be missing.
   * The first call starts following.
   */
  session(): object | undefined;
  /** Ends the stream; it does not start again. */
  close(): void;
}

/** What a follower does with what it is told. */
export interface ChangeListener {
  onChange(change: DirectoryChange): void;
  /** Anything may have changed. */
  onReset(): void;
}

/** The authority tells its position each second. */
const silentMilliseconds = 2500;
/** A connection that says nothing for this long is given up. */
const deadMilliseconds = 5000;
/** A log may have been restored from a backup meanwhile, and be as long again. */
const resumableMilliseconds = 60_000;
const maxBackoffMilliseconds = 10_000;

/** Creates a follower that has not started yet. */
export function followChanges(settings: RemoteDirectorySettings, listener: ChangeListener): ChangeFollower {
  const { monotonicClock, sleep, random, report } = settings;
  const closing = new AbortController();
  const state = createStreamState(listener, monotonicClock);
  let isStarted = false;

  async function run(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      const toldBefore = state.toldAt();
      await readStream(settings, state, closing.signal).catch((error: VerificationError) => {
        if (!closing.signal.aborted) report(error);
      });
      if (state.toldAt() !== toldBefore) failures = 0;
      const backoff = Math.min(maxBackoffMilliseconds, 100 * 2 ** Math.min(failures, 10));
      await sleep(backoff * (0.5 + random() / 2), closing.signal).catch(() => {});
    }
  }

  return {
    session() {
      if (!isStarted) void run();
      isStarted = true;
      return state.session();
    },
    close() {
      isStarted = true;
      closing.abort();
      state.end();
    },
  };
}

interface StreamState {
  session(): object | undefined;
  /** When the last position came, by the monotonic clock. */
  toldAt(): number;
  /** Where to continue; `undefined` to start anew. */
  after(): number | undefined;
  handle(event: StreamEvent): void;
  end(): void;
}

function createStreamState(listener: ChangeListener, monotonicClock: () => number): StreamState {
  let session: object | undefined;
  let after: number | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  const age = () => monotonicClock() - toldAt;
  const reset = () => {
    session = undefined;
    listener.onReset();
  };
  return {
    session: () => (age() < silentMilliseconds ? session : undefined),
    toldAt: () => toldAt,
    after: () => (age() < resumableMilliseconds ? after : undefined),
    handle({ event, json }) {
      if (event === 'change') {
        const { success, data: change } = directoryChangeSchema.safeParse(json);
        // A kind of change that this version does not know may concern anything.
        return success ? listener.onChange(change) : reset();
      }
      if (event !== 'position' && event !== 'reset') return;
      const position = directoryPositionSchema.safeParse(json);
      if (!position.success) throw unusableResponse('an event of the stream does not match its schema');
      if (event === 'reset') reset();
      session ??= {};
      after = position.data.after;
      toldAt = monotonicClock();
    },
    end: reset,
  };
}

/** Reads the stream until it ends, fails, or is silent for too long. */
async function readStream(
  settings: RemoteDirectorySettings,
  state: StreamState,
  closing: AbortSignal,
): Promise<void> {
  const connection = new AbortController();
  const onClose = () => connection.abort(closing.reason);
  closing.addEventListener('abort', onClose, { once: true });
  let cancelTimer = () => {};
  const restartTimer = (milliseconds: number) => {
    cancelTimer();
    cancelTimer = startTimer(milliseconds, () => connection.abort(new Error('silent')));
  };
  try {
    restartTimer(settings.timeoutSeconds * 1000);
    const after = state.after();
    const path = after === undefined ? directoryChangesPath : `${directoryChangesPath}?after=${after}`;
    for await (const events of openEventStream(path, settings, connection.signal)) {
      restartTimer(deadMilliseconds);
      for (const event of events) state.handle(event);
    }
  } finally {
    cancelTimer();
    closing.removeEventListener('abort', onClose);
    connection.abort();
  }
}
