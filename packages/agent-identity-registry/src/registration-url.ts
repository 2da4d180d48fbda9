import { describeType } from 'agent-identity-core';
import type { SecureUrlOptions } from 'agent-identity-core/http';
import { requireAuthapiBaseUrl } from './authapi-base-url.js';
import { registryError } from './errors.js';

/**
 * Where an agent runtime is registered: `{authapi}/v1/agent/register` (docs/protocol.md section 4).
 *
 * @throws AgentIdentityError `insecure_url`, `invalid_authapi_base_url`
 */
export function agentRegistrationUrl(authapiBaseUrl: string, options: SecureUrlOptions = {}): string {
  return `${requireAuthapiBaseUrl(authapiBaseUrl, options)}/v1/agent/register`;
}

/**
 * Where a task of an agent runtime is registered: `{authapi}/v1/agent/{agent_runtime_id}/task/register` (protocol
 * section 5). The id is exactly one segment of the path: unusual characters are escaped, and an id that a server or
 * proxy could take for more than one segment, or for none, is refused (section 6).
 *
 * @throws AgentIdentityError `unsafe_agent_runtime_id`, `insecure_url`, `invalid_authapi_base_url`
 */
export function taskRegistrationUrl(
  authapiBaseUrl: string,
  agentRuntimeId: string,
  options: SecureUrlOptions = {},
): string {
  const base = requireAuthapiBaseUrl(authapiBaseUrl, options);
  if (!isPathSegment(agentRuntimeId)) {
    throw registryError(
      'unsafe_agent_runtime_id',
      `agentRuntimeId: expected a non-blank string without / \\ ? # % and control characters that is neither . nor .., got ${describeType(agentRuntimeId)}`,
    );
  }
  return `${base}/v1/agent/${encodeURIComponent(agentRuntimeId)}/task/register`;
}

/** Whether a string stays one path segment, escaped or not: what is decoded once too often must not become a path. */
export function isPathSegment(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.isWellFormed() &&
    value !== '.' &&
    value !== '..' &&
    !/[/\\?#%\p{Cc}]/u.test(value)
  );
}
