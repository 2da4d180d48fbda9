import type { Authenticator } from 'agent-identity-authority-core';
import { programError } from '../errors.js';

/**
 * Development tokens are for this machine: with them, a server listens on loopback only.
 *
 * @throws AgentIdentityError `unsafe_configuration`
 */
export function requireLoopbackForDevTokens(authenticator: Authenticator, host: string): void {
  if (!authenticator.loopbackOnly || isLoopback(host)) return;
  throw programError(
    'unsafe_configuration',
    `agents.tokensFile is for development: expected host 127.0.0.1, ::1 or localhost with it, got ${host}`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
