import type { HttpEffects } from 'agent-identity-core/http';
import { fixedAgent } from 'test-support';

/** Effects with a fixed clock, jitter at half, and a `sleep` that returns at once and records the milliseconds in `waits`. */
export function recordingEffects(effects: HttpEffects = {}, waits: number[] = []): HttpEffects {
  return {
    clock: () => fixedAgent.signedAt,
    random: () => 0.5,
    async sleep(milliseconds) {
      waits.push(milliseconds);
    },
    ...effects,
  };
}
