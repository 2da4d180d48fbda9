import type { AgentIdentityClaims } from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';

/** `iss` of every Agent Identity JWT (docs/protocol.md section 7). */
export const agentIdentityJwtIssuer = 'https://chatgpt.com/codex-backend/agent-identity';

/** `aud` of every Agent Identity JWT, a string and never an array (docs/protocol.md section 7). */
export const agentIdentityJwtAudience = 'codex-app-server';

/** @throws AgentIdentityError `wrong_issuer`, `wrong_audience` */
export function requireIntended({ iss, aud }: AgentIdentityClaims): void {
  if (iss !== agentIdentityJwtIssuer) {
    throw jwtError('wrong_issuer', `iss: expected ${agentIdentityJwtIssuer}, got another string`);
  }
  if (aud !== agentIdentityJwtAudience) {
    throw jwtError('wrong_audience', `aud: expected ${agentIdentityJwtAudience}, got another string`);
  }
}
