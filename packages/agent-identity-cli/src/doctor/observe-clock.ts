import type { CommandIo } from '../program/command-io.js';
import { exitCodes } from '../program/exit-codes.js';
import { type Finding, passed } from './finding.js';
import { remedyFor } from './remedies.js';

/** A `fetch` that compares the clock of this machine with those of the servers. */
export interface ClockObserver {
  readonly fetch: typeof globalThis.fetch;
  /** `undefined` if no server told its time. */
  finding(): Finding | undefined;
}

/** Half of the window of task registrations and assertions (docs/protocol.md sections 4 and 8). */
const maxSeconds = 150;

export function observeClock({ fetch, clock }: Pick<CommandIo, 'fetch' | 'clock'>): ClockObserver {
  const seen = new Map<string, number>();
  return {
    async fetch(input, init) {
      const response = await fetch(input, init);
      const date = Date.parse(response.headers.get('date') ?? '');
      const { host } = new URL(input instanceof Request ? input.url : input);
      if (Number.isFinite(date)) seen.set(host, Math.round((clock() - date) / 1000));
      return response;
    },
    finding() {
      const [worst] = [...seen].sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
      if (worst === undefined) return undefined;
      const [host, seconds] = worst;
      const difference = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} ${host}`;
      if (Math.abs(seconds) <= maxSeconds) return passed('clock', `at most ${difference}`);
      const problem = {
        code: 'clock_wrong',
        remedy: remedyFor('clock_wrong'),
        exitCode: exitCodes.configuration,
      };
      return { check: 'clock', ok: false, message: `the clock is ${difference}`, problem };
    },
  };
}
