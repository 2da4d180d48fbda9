import { describeType } from 'agent-identity-core';
import { requireKnownOptions, type SecureUrlOptions } from 'agent-identity-core/http';
import { registryError } from './errors.js';
import { requireAuthapiBaseUrl } from './resolve-authapi-base-url.js';

/**
 * Returns the URL for registering an agent runtime: `{authapi}/v1/agent/register` (docs/protocol.md section 4).
 *
 * @throws AgentIdentityError `insecure_url`, `invalid_base_url`, `invalid_argument`
 * @example
 * ```ts
 * import { agentRegistrationUrl, resolveAuthapiBaseUrl } from 'agent-identity-registry';
 *
 * const url = agentRegistrationUrl(resolveAuthapiBaseUrl());
 * ```
 */
export function agentRegistrationUrl(authapiBaseUrl: string, options: SecureUrlOptions = {}): string {
  requireKnownOptions(options, ['allowPlainHttpHosts'], 'options');
  return `${requireAuthapiBaseUrl(authapiBaseUrl, options)}/v1/agent/register`;
}

/**
 * Returns the URL for registering a task of an agent runtime: `{authapi}/v1/agent/{agent_runtime_id}/task/register`
 * (docs/protocol.md section 5). The id is exactly one path segment: unusual characters are escaped, and an id that a
 * server or proxy could read as several segments, or as none, is refused (section 6).
 *
 * @throws AgentIdentityError `unsafe_agent_runtime_id`, `insecure_url`, `invalid_base_url`, `invalid_argument`
 * @example
 * ```ts
 * import { resolveAuthapiBaseUrl, taskRegistrationUrl } from 'agent-identity-registry';
 *
 * const url = taskRegistrationUrl(resolveAuthapiBaseUrl(), 'agent-1');
 * ```
 */
export function taskRegistrationUrl(
  authapiBaseUrl: string,
  agentRuntimeId: string,
  options: SecureUrlOptions = {},
): string {
  requireKnownOptions(options, ['allowPlainHttpHosts'], 'options');
  const base = requireAuthapiBaseUrl(authapiBaseUrl, options);
  if (!isPathSegment(agentRuntimeId)) {
    throw registryError(
      'unsafe_agent_runtime_id',
      `agentRuntimeId: expected a non-blank string other than . and .. without / \\ ? # % and control characters, got ${describeType(agentRuntimeId)}`,
    );
  }
  return `${base}/v1/agent/${encodeURIComponent(agentRuntimeId)}/task/register`;
}

/**
 * Returns the URL for registering a child of an agent runtime: `{authapi}/v1/agent/{agent_runtime_id}/child/register`
 * (docs/protocol.md section 13).
 *
 * @throws AgentIdentityError as `taskRegistrationUrl`
 */
export function childRegistrationUrl(...args: Parameters<typeof taskRegistrationUrl>): string {
  return taskRegistrationUrl(...args).replace(/task\/register$/, 'child/register');
}

/**
 * Returns the URL for changing the key of an agent runtime: `{authapi}/v1/agent/{agent_runtime_id}/key` (docs/protocol.md
 * section 13).
 *
 * @throws AgentIdentityError as `taskRegistrationUrl`
 */
export function keyChangeUrl(...args: Parameters<typeof taskRegistrationUrl>): string {
  return taskRegistrationUrl(...args).replace(/task\/register$/, 'key');
}

/** Whether a string is one path segment, also after it is decoded once more than needed. */
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
