import { invalidArgument } from './require-argument.js';

/** How many capabilities an agent may have, and how long each name may be. */
const limits = { count: 64, length: 512 } as const;

/**
 * Whether a value names a capability: up to 512 visible ASCII characters without spaces, `"` and `\`, like a scope of RFC 6749
 * section 3.3.
 *
 * @example
 * ```ts
 * import { isCapability } from 'agent-identity-core/http';
 *
 * isCapability('repository:read'); // true
 * ```
 */
export function isCapability(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.length && /^[!#-[\]-~]+$/.test(value);
}

/**
 * Requires a list of at most 64 capabilities.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireCapabilities } from 'agent-identity-core/http';
 *
 * requireCapabilities(['repository:read'], 'capabilities');
 * ```
 */
export function requireCapabilities(value: unknown, name: string): asserts value is readonly string[] {
  if (Array.isArray(value) && value.length <= limits.count && value.every(isCapability)) return;
  throw invalidArgument(
    name,
    `a list of at most ${limits.count} capabilities such as "repository:read"`,
    value,
  );
}
