export * from 'agent-identity-authority-core';
export * from 'agent-identity-authority-sql';
export type { AuthorityProgramErrorCode } from './errors.js';
