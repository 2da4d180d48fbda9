import { invalidArgument } from './require-argument.js';
import { isHeaderSafe } from './text.js';

/** How a client identifies itself to a server (docs/protocol.md section 4). Nothing in it is secret. */
export interface ClientIdentification {
  /** The `User-Agent` header. Default: `agent-identity-ts/` and the version of this package. */
  readonly userAgent?: string | undefined;
  /** The `originator` header. Default: `agent-identity-ts`. */
  readonly originator?: string | undefined;
}

const name = 'agent-identity-ts';

/** Equal to the version in package.json: `pnpm version` copies it, and a test compares them. */
const version = '0.0.0';

/**
 * Returns the headers that identify the client in calls to an AuthAPI, a JWKS and similar servers. Their front door may
 * refuse the default user agent of a `fetch` library: see {@link explainForbidden}. Browsers do not send `User-Agent`.
 *
 * @throws AgentIdentityError `invalid_argument` for a value that no header can hold
 * @example
 * ```ts
 * import { identificationHeaders } from 'agent-identity-core/http';
 *
 * identificationHeaders({ originator: 'my_agent' }); // { 'User-Agent': 'agent-identity-ts/…', originator: 'my_agent' }
 * ```
 */
export function identificationHeaders({
  userAgent = `${name}/${version}`,
  originator = name,
}: ClientIdentification = {}): { 'User-Agent': string; originator: string } {
  if (typeof userAgent !== 'string' || !/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(userAgent)) {
    throw invalidArgument('userAgent', 'words of visible ASCII characters', userAgent);
  }
  if (!isHeaderSafe(originator)) {
    throw invalidArgument('originator', 'visible ASCII characters without spaces', originator);
  }
  return { 'User-Agent': userAgent, originator };
}
