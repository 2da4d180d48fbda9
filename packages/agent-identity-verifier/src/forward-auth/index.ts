export type { AgentFact, FactHeaders } from './fact-headers.js';
export type { ForwardAuthOptions } from './forward-auth.js';
export { forwardAuth } from './forward-auth.js';
export type { ForwardAuthRule } from './rules.js';
