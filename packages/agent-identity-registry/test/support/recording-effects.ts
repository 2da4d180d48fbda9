import type { HttpEffects } from 'agent-identity-core/http';
import { signedAt } from './fixed-agent.js';

/** Effects that stand still: a fixed clock, jitter at half, and waits that are noted and not waited for. */
export interface RecordingEffects extends HttpEffects {
  readonly clock: () => number;
  /** The milliseconds of each wait. */
  readonly waits: readonly number[];
}

export function recordingEffects(effects: HttpEffects = {}): RecordingEffects {
  const waits: number[] = [];
  return {
    random: () => 0.5,
    async sleep(milliseconds) {
      waits.push(milliseconds);
    },
    ...effects,
    clock: effects.clock ?? (() => signedAt),
    waits,
  };
}
