import type { Clock } from 'agent-identity-core';
import {
  type HttpEffects,
  ignoringErrors,
  requireKnownOptions,
  resolveEffects,
} from 'agent-identity-core/http';
import { type AgentDirectory, createAssertionVerifier } from 'agent-identity-verifier';
import { type Administration, createAdministration } from './administration.js';
import { openAuditLog } from './audit/audit-log.js';
import { createAuthorityRoutes } from './authority-routes.js';
import {
  type CreateAuthorityOptions,
  type ResolvedAuthorityOptions,
  resolveAuthorityOptions,
} from './create-authority-options.js';
import { createChangeFeed } from './directory/change-feed.js';
import { createRegisteredKeyReader, createStoreDirectory } from './directory/store-directory.js';
import { createAuthorityApp, type RequestLogEntry } from './http/authority-app.js';
import { createDrainingFetch } from './http/draining-fetch.js';
import { createRequestCounter } from './http/rate-limits.js';
import { openExternalSigningKeys } from './signing-keys/external-signing-keys.js';
import { createJwksRoute } from './signing-keys/jwks-route.js';
import { openSigningKeys, type PublicJwks, type SigningKeys } from './signing-keys/signing-keys.js';
import type { AuthorityStore } from './store/authority-store.js';
import { cachingStore } from './store/caching-store.js';
import { errorMappingStore } from './store/error-mapping-store.js';
import { createKnownRuntimes } from './tasks/known-runtimes.js';
import type { OnFailure } from './to-unavailable.js';

/** An authority: registers runtimes and tasks over HTTP, issues JWTs, and revokes identities. */
export interface Authority extends Administration {
  /**
   * Handles a request of agents (docs/protocol.md sections 4 to 6), administrators or verifiers; never rejects. Give it to
   * any server that speaks `Request` and `Response`.
   *
   * @param env What the server knows besides the request; passed to `clientAddressOf`.
   */
  fetch(request: Request, env?: unknown): Promise<Response>;
  /** A directory for verifiers in the same process. It sees this authority's revocations immediately. */
  readonly directory: AgentDirectory;
  /** What checks the audit log's checkpoints (C2SP signed-note): `NAME+HASH+KEY`. Not secret; hand it to auditors. */
  readonly auditLogVerifierKey: string;
  /** Gives all entries of the audit log that wait their places now. It happens by itself within a fraction of a second. */
  sequenceAuditEntries(): Promise<void>;
  /** Returns the published signing keys (RFC 7517). Nothing in it is secret. */
  jwks(): Promise<PublicJwks>;
  /** Refuses new requests with 503, and resolves when the running ones are done. The store stays open. */
  close(): Promise<void>;
}

/** Overrides for ambient dependencies of an authority. `clock` also sets the `Date` of responses. */
export type AuthorityEffects = Pick<HttpEffects, 'clock' | 'monotonicClock'>;

/**
 * Creates an authority over a store. The first authority on a store creates its keys.
 *
 * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
 * @example
 * ```ts
 * import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
 *
 * const account = { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'business', isFedramp: false };
 * const authority = await createAuthority({
 *   store: memoryStore(),
 *   authenticator: staticTokens([{ token: 'a-development-token', account }]),
 * });
 * const response = await authority.fetch(new Request('http://127.0.0.1:8787/agent-identities/jwks'));
 * ```
 */
export async function createAuthority(
  options: CreateAuthorityOptions,
  effects: AuthorityEffects = {},
): Promise<Authority> {
  const resolved = resolveAuthorityOptions(options);
  requireKnownOptions(effects, ['clock', 'monotonicClock'], 'effects');
  const { clock, monotonicClock, sleep } = resolveEffects(effects);
  const onFailure = (failure: unknown) => void ignoringErrors(() => resolved.onFailure(failure));
  const uncachedStore = errorMappingStore(resolved.store, onFailure);
  const store = cachingStore(uncachedStore, { seconds: resolved.lookupCacheSeconds, monotonicClock });
  const auditLog = await openAuditLog({ store, clock });
  const signingKeys = await openKeys(resolved, { store, clock, onFailure });
  const readKey = createRegisteredKeyReader();
  const counter = createRequestCounter(resolved.rateLimits, { ...resolved, monotonicClock, onFailure });
  const directoryParts = { ...resolved, readKey, clock, monotonicClock };
  const directory = createStoreDirectory({ ...directoryParts, store });
  const uncachedDirectory = createStoreDirectory({ ...directoryParts, store: uncachedStore });
  const changeFeed = createChangeFeed({ store, monotonicClock, sleep });
  const administration = createAdministration({ ...resolved, store, signingKeys, clock });
  const shared = { ...resolved, store, signingKeys, auditLog, readKey, counter, directory, clock, onFailure };
  const routes = createAuthorityRoutes({
    ...shared,
    ...counter,
    administration,
    uncachedDirectory,
    changeFeed,
    findKnownRuntime: createKnownRuntimes(store, { monotonicClock }),
    // The store reports its own failures.
    verifier: createAssertionVerifier({ directory, onFailure: () => {} }, { clock }),
  });
  const jwks = createJwksRoute(shared);
  const onResponse = (entry: RequestLogEntry) => void ignoringErrors(() => resolved.onResponse(entry));
  const draining = createDrainingFetch(
    createAuthorityApp({ ...shared, monotonicClock, routes, jwks, onResponse }),
  );
  return {
    fetch: draining.fetch,
    ...administration,
    directory,
    auditLogVerifierKey: auditLog.verifierKey,
    sequenceAuditEntries: auditLog.sequence,
    jwks: () => signingKeys.published(),
    async close() {
      changeFeed.close();
      await draining.close();
      await auditLog.close();
    },
  };
}

function openKeys(
  { jwtSigners, generateSigningKey }: ResolvedAuthorityOptions,
  { store, clock, onFailure }: { store: AuthorityStore; clock: Clock; onFailure: OnFailure },
): Promise<SigningKeys> {
  return jwtSigners === undefined
    ? openSigningKeys(store, { generateSigningKey, clock })
    : openExternalSigningKeys({ jwtSigners, store, onFailure });
}
