import { type AgentDirectory, createAssertionVerifier } from 'agent-identity-verifier';
import { type Administration, administration } from './administration.js';
import type { AuthorityEffects, AuthorityOptions } from './authority-options.js';
import { authorityRoutes } from './authority-routes.js';
import { registeredKeyReader, storeDirectory } from './directory/store-directory.js';
import { authorityApp } from './http/authority-app.js';
import { drainingFetch } from './http/draining-fetch.js';
import { requestCounter } from './http/rate-limits.js';
import { requireAuthorityOptions } from './require-authority-options.js';
import { jwksRoute } from './signing-keys/jwks-route.js';
import { openSigningKeys, type PublicJwks } from './signing-keys/signing-keys.js';
import { cachingStore } from './store/caching-store.js';
import { errorMappingStore } from './store/error-mapping-store.js';
import { quietly } from './to-unavailable.js';

/** Issues agent identities: registers runtimes and tasks over HTTP, issues JWTs, and revokes what it issued. */
export interface Authority extends Administration {
  /**
   * Answers a request of docs/protocol.md sections 4 to 6, of an administrator or of a verifier; never rejects. Give it to any
   * server that speaks `Request`.
   *
   * @param env What the server knows besides the request; only `clientAddressOf` reads it.
   */
  fetch(request: Request, env?: unknown): Promise<Response>;
  /** For a verifier in the same process; it sees what this authority revokes at once. */
  readonly directory: AgentDirectory;
  /** The public signing keys, as `fetch` serves them. */
  jwks(): Promise<PublicJwks>;
  /** Answers new requests with 503 and resolves when those under way are done. The store stays open. */
  close(): Promise<void>;
}

/**
 * Makes an authority over a store. The first one on a store makes its signing key.
 *
 * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
 */
export async function createAuthority(
  options: AuthorityOptions,
  effects: AuthorityEffects = {},
): Promise<Authority> {
  const { clock = Date.now, generateSigningKey, onFailure: report = () => {}, onAnswer = () => {} } = effects;
  const checked = requireAuthorityOptions(options);
  const onFailure = quietly(report);
  const store = cachingStore(errorMappingStore(checked.store, onFailure), {
    seconds: checked.lookupCacheSeconds,
    clock,
  });
  const signingKeys = await openSigningKeys(store, { generateSigningKey, clock });
  const readKey = registeredKeyReader();
  const counter = requestCounter(checked.rateLimits, clock);
  const directory = storeDirectory({ ...checked, store, readKey, clock });
  const administrating = administration({ ...checked, store, signingKeys, clock });
  const shared = { ...checked, store, signingKeys, readKey, counter, directory, clock, onFailure };
  const app = authorityApp({
    ...shared,
    routes: authorityRoutes({
      ...shared,
      administration: administrating,
      // The store reports its failures by itself.
      verifier: createAssertionVerifier({ directory, onDirectoryFailure: () => {} }, { clock }),
      countRuntime: counter.countRuntime,
    }),
    jwks: jwksRoute(shared),
    onAnswer: quietly(onAnswer),
  });
  return {
    ...drainingFetch(app),
    ...administrating,
    directory,
    jwks: () => signingKeys.published(),
  };
}
