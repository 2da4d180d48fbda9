import type { ValidityWindow } from 'agent-identity-core';
import {
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  withoutTrailingSlashes,
} from 'agent-identity-core/http';
import type { Administrator } from './authentication/administrator.js';
import type { Authenticator, Principal } from './authentication/authenticator.js';
import type { ForwardAuthSettings } from './directory/forward-auth-route.js';
import type { ClientAddressOf } from './http/access.js';
import type { RequestLogEntry } from './http/authority-app.js';
import { type CreateSharedRateLimiter, type RateLimits, requireRateLimits } from './http/rate-limits.js';
import { type ActorAuthenticators, requireActorAuthenticators } from './instances/actor-authenticator.js';
import { requireWholeSeconds } from './require-whole-seconds.js';
import type { StoredAgentRuntime } from './runtimes/runtime-store.js';
import { type JwtSigners, requireJwtSigners } from './signing-keys/jwt-signer.js';
import type { GenerateSigningKey } from './signing-keys/signing-keys.js';
import { type AuthorityStore, authorityStoreMethods } from './store/authority-store.js';
import type { OnFailure } from './to-unavailable.js';

/** Options for `createAuthority`. The validity window is that of task registrations: 300 s either way by default. */
export interface CreateAuthorityOptions extends ValidityWindow {
  /** Stores runtimes, tasks, signing keys and the audit log. You opened it: close it after the authority. */
  readonly store: AuthorityStore;
  /** Maps the access tokens of agents to accounts: `oidcTokens`, or `staticTokens` for development. */
  readonly authenticator: Authenticator;
  /** Map the credentials of runtime agent instances to actors (docs/protocol-instances.md section 2). Default: only access tokens. */
  readonly actors?: ActorAuthenticators | undefined;
  /** Maps tokens to administrators and their roles: `administratorTokens`, `oidcTokens`. Without it, there is no administration API. */
  readonly administrators?: Authenticator<Administrator> | undefined;
  /** Maps tokens to services that look up agents. Without it, there is no directory over HTTP. */
  readonly verifiers?: Authenticator<Principal> | undefined;
  /**
   * The path prefix of requests, such as `/api/accounts`; empty by default. The JWKS is served under any path, because
   * clients derive its URL from another base URL (docs/protocol.md section 6).
   */
  readonly authapiBasePath?: string | undefined;
  /** Whether to encrypt task ids for the runtime's key (docs/protocol.md section 5), for all or by runtime. Default: false. */
  readonly sealTaskIds?: boolean | ((runtime: StoredAgentRuntime) => boolean) | undefined;
  /** The longest lifetime of an Agent Identity JWT. Default: 86,400. */
  readonly jwtLifetimeSeconds?: number | undefined;
  /**
   * After how long without a lookup a task expires; 3600 or more. Default: never, because clients keep using a stored task
   * (docs/protocol.md section 11).
   */
  readonly taskIdleTtlSeconds?: number | undefined;
  /** After how long without use a runtime agent instance expires; 3600 or more. Default: 2,592,000 (30 days). */
  readonly instanceIdleTtlSeconds?: number | undefined;
  /**
   * How long to cache runtimes, tasks and instances, 0 to 5. Default: 0. If several nodes share a store and a notification is lost, a
   * node sees a revocation at most this much later.
   */
  readonly lookupCacheSeconds?: number | undefined;
  /** How long a verifier may cache a directory entry, 0 to 5. Default: 2. */
  readonly directoryMaxAgeSeconds?: number | undefined;
  /** Default: 3000 requests a minute for an address, 300 tasks a minute for a runtime, 600 new runtimes an hour for an account, 6000 new instances an hour for a user. */
  readonly rateLimits?: Partial<RateLimits> | undefined;
  /**
   * Creates what counts for the limits of all nodes together. Default: each node counts by itself. A repeat is recognized by the node
   * that saw it first.
   */
  readonly createSharedRateLimiter?: CreateSharedRateLimiter | undefined;
  /**
   * Returns a client's address, for the limit per address; without it, there is no such limit. Behind `@hono/node-server`:
   * `(_request, env) => env.incoming.socket.remoteAddress`.
   */
  readonly clientAddressOf?: ClientAddressOf | undefined;
  /**
   * Who may read the tiles and entries of the audit log under `/v1/audit/log`. Everybody may read its checkpoint. Default:
   * `administrators`.
   */
  readonly auditLogReaders?: 'administrators' | 'everybody' | undefined;
  /**
   * Serves `/v1/forward-auth` for reverse proxies, for agents of the first generation: `rules` and `headers` as for `forwardAuth` of
   * agent-identity-verifier. Default: no such route.
   */
  readonly forwardAuth?: ForwardAuthSettings | undefined;
  /**
   * Reads the metrics of this process, in the text format of Prometheus, for administrators at `/v1/admin/metrics`. Default: no such
   * route.
   */
  readonly readMetrics?: (() => Promise<string>) | undefined;
  /** Creates a signing key: the first one, and at each rotation. Default: RSA with 2048 bits, which takes 100 ms or more. */
  readonly generateSigningKey?: GenerateSigningKey | undefined;
  /**
   * RS256 keys outside of the authority, such as in a key management service: the first signs, and the key set has all of them. Their
   * owner rotates them, by changing this list. Default: keys in the store, which the authority creates and rotates. With this option,
   * those are neither used nor published.
   */
  readonly jwtSigners?: JwtSigners | undefined;
  /** Receives the original error behind each 5xx response. Default: ignored. */
  readonly onFailure?: OnFailure | undefined;
  /** Receives an entry for each response, within the asynchronous context of its request. Default: ignored. */
  readonly onResponse?: ((entry: RequestLogEntry) => void) | undefined;
}

/** `CreateAuthorityOptions` with every default filled in. */
export interface ResolvedAuthorityOptions {
  readonly store: AuthorityStore;
  readonly authenticator: Authenticator;
  readonly actors: ActorAuthenticators;
  readonly administrators: Authenticator<Administrator> | undefined;
  readonly verifiers: Authenticator<Principal> | undefined;
  /** Empty, or with a leading and without a trailing slash. */
  readonly authapiBasePath: string;
  readonly sealsTaskIdOf: (runtime: StoredAgentRuntime) => boolean;
  readonly jwtLifetimeSeconds: number;
  readonly taskIdleTtlSeconds: number | undefined;
  readonly instanceIdleTtlSeconds: number;
  readonly lookupCacheSeconds: number;
  readonly directoryMaxAgeSeconds: number;
  readonly rateLimits: RateLimits;
  readonly createSharedRateLimiter: CreateSharedRateLimiter | undefined;
  readonly clientAddressOf: ClientAddressOf;
  readonly auditLogReaders: 'administrators' | 'everybody';
  readonly forwardAuth: ForwardAuthSettings | undefined;
  readonly readMetrics: (() => Promise<string>) | undefined;
  readonly generateSigningKey: GenerateSigningKey | undefined;
  readonly jwtSigners: JwtSigners | undefined;
  readonly onFailure: OnFailure;
  readonly onResponse: (entry: RequestLogEntry) => void;
  readonly window: Required<ValidityWindow>;
}

const optionNames = [
  'store',
  'authenticator',
  'actors',
  'administrators',
  'verifiers',
  'authapiBasePath',
  'sealTaskIds',
  'jwtLifetimeSeconds',
  'taskIdleTtlSeconds',
  'instanceIdleTtlSeconds',
  'lookupCacheSeconds',
  'directoryMaxAgeSeconds',
  'rateLimits',
  'createSharedRateLimiter',
  'clientAddressOf',
  'auditLogReaders',
  'forwardAuth',
  'readMetrics',
  'generateSigningKey',
  'jwtSigners',
  'onFailure',
  'onResponse',
  'maxAgeSeconds',
  'leewaySeconds',
] as const satisfies readonly (keyof CreateAuthorityOptions)[];

/**
 * Fills in the defaults, and refuses options that would only fail at the first request.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function resolveAuthorityOptions(options: CreateAuthorityOptions): ResolvedAuthorityOptions {
  requireKnownOptions(options, optionNames, 'options');
  const { store, sealTaskIds = false, rateLimits = {}, auditLogReaders = 'administrators' } = options;
  requireMethods(store, authorityStoreMethods, 'store', 'an AuthorityStore');
  if (typeof sealTaskIds !== 'boolean' && typeof sealTaskIds !== 'function') {
    throw invalidArgument('sealTaskIds', 'a boolean or a function of the runtime', sealTaskIds);
  }
  if (auditLogReaders !== 'administrators' && auditLogReaders !== 'everybody') {
    throw invalidArgument('auditLogReaders', 'administrators or everybody', auditLogReaders);
  }
  return {
    store,
    auditLogReaders,
    forwardAuth: requireForwardAuth(options.forwardAuth),
    ...requireAuthenticators(options),
    actors: requireActorAuthenticators(options.actors ?? {}, options.authenticator),
    authapiBasePath: requirePath(options.authapiBasePath ?? ''),
    sealsTaskIdOf: typeof sealTaskIds === 'function' ? sealTaskIds : () => sealTaskIds,
    ...requireTimes(options),
    rateLimits: requireRateLimits(rateLimits),
    jwtSigners: requireOneKindOfKeys(options),
    ...requireFunctions(options),
  };
}

function requireOneKindOfKeys({
  jwtSigners,
  generateSigningKey,
}: CreateAuthorityOptions): JwtSigners | undefined {
  if (jwtSigners === undefined) return undefined;
  if (generateSigningKey !== undefined) {
    throw invalidArgument('generateSigningKey', 'none beside jwtSigners', generateSigningKey);
  }
  requireJwtSigners(jwtSigners);
  return jwtSigners;
}

/** `forwardAuth` checks the members. */
function requireForwardAuth(settings: ForwardAuthSettings | undefined): ForwardAuthSettings | undefined {
  if (settings !== undefined) requireKnownOptions(settings, ['rules', 'headers'], 'forwardAuth');
  return settings;
}

function requireAuthenticators({ authenticator, administrators, verifiers }: CreateAuthorityOptions) {
  for (const [name, value] of Object.entries({ authenticator, administrators, verifiers })) {
    if (value !== undefined || name === 'authenticator') {
      requireMethods(value, ['authenticate'], name, 'an Authenticator');
    }
  }
  return { authenticator, administrators, verifiers };
}

function requireFunctions({
  clientAddressOf = () => undefined,
  createSharedRateLimiter,
  readMetrics,
  generateSigningKey,
  onFailure = () => {},
  onResponse = () => {},
}: CreateAuthorityOptions) {
  const functions = {
    ...{ clientAddressOf, createSharedRateLimiter, readMetrics },
    ...{ generateSigningKey, onFailure, onResponse },
  };
  for (const [name, value] of Object.entries(functions)) {
    if (value !== undefined && typeof value !== 'function') throw invalidArgument(name, 'a function', value);
  }
  return functions;
}

function requirePath(authapiBasePath: string): string {
  if (typeof authapiBasePath !== 'string' || !/^(\/[\w.~-]+)*\/?$/.test(authapiBasePath)) {
    throw invalidArgument('authapiBasePath', 'a path such as "/api/accounts"', authapiBasePath);
  }
  return withoutTrailingSlashes(authapiBasePath);
}

function requireTimes({
  jwtLifetimeSeconds = 86_400,
  taskIdleTtlSeconds,
  instanceIdleTtlSeconds = 2_592_000,
  lookupCacheSeconds = 0,
  directoryMaxAgeSeconds = 2,
  maxAgeSeconds = 300,
  leewaySeconds = 300,
}: CreateAuthorityOptions) {
  requireWholeSeconds(jwtLifetimeSeconds, 'jwtLifetimeSeconds', { min: 1 });
  // Longer than the window of registrations, or a repeated registration would return an expired task.
  if (taskIdleTtlSeconds !== undefined)
    requireWholeSeconds(taskIdleTtlSeconds, 'taskIdleTtlSeconds', { min: 3600 });
  requireWholeSeconds(instanceIdleTtlSeconds, 'instanceIdleTtlSeconds', { min: 3600 });
  requireWholeSeconds(lookupCacheSeconds, 'lookupCacheSeconds', { min: 0, max: 5 });
  requireWholeSeconds(directoryMaxAgeSeconds, 'directoryMaxAgeSeconds', { min: 0, max: 5 });
  requireWholeSeconds(maxAgeSeconds, 'maxAgeSeconds', { min: 0, max: 3600 });
  requireWholeSeconds(leewaySeconds, 'leewaySeconds', { min: 0, max: 3600 });
  const window = { maxAgeSeconds, leewaySeconds };
  const lifetimes = { jwtLifetimeSeconds, taskIdleTtlSeconds, instanceIdleTtlSeconds };
  return { ...lifetimes, lookupCacheSeconds, directoryMaxAgeSeconds, window };
}
