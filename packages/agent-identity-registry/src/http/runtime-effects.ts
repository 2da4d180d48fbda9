export type { RuntimeEffects } from 'agent-identity-core/http';
export { resolveEffects as withRuntimeEffects, startTimer } from 'agent-identity-core/http';
