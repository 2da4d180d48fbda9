export type { RuntimeEffects } from 'agent-identity-core/http';
export { resolveEffects as withRuntimeEffects, startTimer } from 'agent-identity-core/http';

import { startTimer } from 'agent-identity-core/http';

/** Resolves when all that is ready to run has run. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    startTimer(0, resolve);
  });
}
