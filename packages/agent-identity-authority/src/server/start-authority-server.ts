import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Authenticator, type AuthorityStore, createAuthority } from 'agent-identity-authority-core';
import type { Clock } from 'agent-identity-core';
import {
  type HttpEffects,
  isLoopbackHost,
  requireKnownOptions,
  requireMethods,
  requireObject,
  resolveEffects,
  withDeadline,
} from 'agent-identity-core/http';
import type { DestinationStream, Logger } from 'pino';
import type { Configuration, ConfigurationInput } from '../configuration/configuration.js';
import { type Authenticators, openAuthenticators } from '../configuration/open-authenticators.js';
import { openConfiguredStore } from '../configuration/open-configured-store.js';
import { openForwardAuth } from '../configuration/open-forward-auth.js';
import { parseConfiguration } from '../configuration/read-configuration.js';
import { programError } from '../errors.js';
import { startAuditSink } from './audit-sink.js';
import { createProxyCheck } from './client-address.js';
import { openConsoleRoute, requireAdministratorsForConsole } from './console-route.js';
import { closeGracefully, createHttpServer, listen } from './http-server.js';
import { createLogger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createOperationsFetch } from './operations-fetch.js';
import { startRetentionSchedule } from './retention-schedule.js';
import { startRotationSchedule } from './rotation-schedule.js';
import { openSharedRateLimits, type SharedRateLimits } from './shared-rate-limits.js';
import { toAuthorityOptions } from './to-authority-options.js';
import { openTracing } from './tracing.js';

/** Options for `startAuthorityServer`: the settings of the program, each with its default, and a log. */
export type StartAuthorityServerOptions = ConfigurationInput & {
  /** Receives the log, one JSON line at a time. Default: nothing is logged. */
  readonly log?: DestinationStream | undefined;
};

/** Overrides for ambient dependencies of `startAuthorityServer`. */
export type StartAuthorityServerEffects = Pick<HttpEffects, 'fetch' | 'clock'>;

/** A running authority. */
export interface AuthorityServer {
  /** The URL for clients, without the base path. */
  readonly url: string;
  /** The URL for health checks and metrics. */
  readonly operationsUrl: string;
  /**
   * Stops gracefully: fails the readiness check, waits for load balancers to follow, refuses new connections, finishes
   * running requests within the time limit, and closes the store.
   */
  stop(): Promise<void>;
}

/**
 * Starts an authority on Node: its store, its HTTP server, another server for operations, and scheduled rotation.
 *
 * @throws AgentIdentityError `invalid_configuration`, `unsafe_configuration`, `invalid_argument`, and the codes of `openStore`;
 * the error of Node for an address that it cannot listen on
 * @example
 * ```ts
 * import { startAuthorityServer } from 'agent-identity-authority/server';
 *
 * const server = await startAuthorityServer({ store: 'memory:', port: 0, operationsPort: 0 });
 * const { status } = await fetch(`${server.operationsUrl}/readyz`);
 * await server.stop();
 * ```
 */
export async function startAuthorityServer(
  options: StartAuthorityServerOptions = {},
  effects: StartAuthorityServerEffects = {},
): Promise<AuthorityServer> {
  requireObject(options, 'options');
  requireKnownOptions(effects, ['fetch', 'clock'], 'effects');
  const { log = { write() {} }, ...settings } = options;
  requireMethods(log, ['write'], 'log', 'a stream of lines');
  const { fetch, clock, monotonicClock } = resolveEffects(effects);
  const configuration = parseConfiguration(settings, () => 'options');
  const logger = createLogger(configuration.logLevel, log);
  const authenticators = await openAuthenticators(configuration, {
    fetch,
    clock,
    onRefusal: (section, { reason, message }) =>
      logger.info({ section, reason, detail: message }, 'refused an access token'),
  });
  requireLoopbackForDevTokens(authenticators.authenticator, configuration.host);
  requireAdministratorsForConsole(configuration, authenticators);
  const { shared } = configuration.limits;
  const sharedLimits = shared === undefined ? undefined : await openSharedRateLimits(shared);
  let store: AuthorityStore | undefined;
  const disconnect = async () => {
    sharedLimits?.close();
    await store?.close();
  };
  try {
    store = await openConfiguredStore(configuration, {
      onFailure: (err) => logger.error({ err }, 'the store failed'),
      onCreate: () => logger.info('creating the PGlite folder'),
    });
    const parts = { configuration, authenticators, logger, log, store, sharedLimits, clock, monotonicClock };
    return await serve({ ...parts, disconnect });
  } catch (error) {
    await disconnect();
    throw error;
  }
}

/**
 * Development tokens are for this machine: with them, a server listens on loopback only.
 *
 * @throws AgentIdentityError `unsafe_configuration`
 */
export function requireLoopbackForDevTokens(authenticator: Authenticator, host: string): void {
  if (!authenticator.loopbackOnly || isLoopbackHost(host)) return;
  throw programError(
    'unsafe_configuration',
    `agents.tokensFile is for development: expected host 127.0.0.1, ::1 or localhost with it, got ${host}`,
  );
}

interface ServeParts {
  readonly configuration: Configuration;
  readonly authenticators: Authenticators;
  readonly logger: Logger;
  readonly log: DestinationStream;
  readonly store: AuthorityStore;
  readonly sharedLimits: SharedRateLimits | undefined;
  /** Closes the store and the shared limits. */
  readonly disconnect: () => Promise<void>;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
}

async function serve(parts: ServeParts): Promise<AuthorityServer> {
  const { configuration, logger, store, disconnect } = parts;
  const { host, port, limits, drain, rotation, retention } = configuration;
  let state: 'ready' | 'stopping' = 'ready';
  const metrics = createMetrics({
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    rows: () => withDeadline({ timeoutSeconds: 2 }, () => store.countRows()),
  });
  const { authority, handle } = await createInstrumentedAuthority(parts, metrics, () => state === 'stopping');
  const isProxy = createProxyCheck(configuration.trustedProxies);
  const server = createHttpServer(handle, { ...limits, isProxy });
  const ready = async () => {
    if (state === 'stopping') throw new Error('stopping');
    await withDeadline({ timeoutSeconds: 2 }, () => store.ping());
  };
  const operations = createHttpServer(createOperationsFetch({ ready, metrics }), {
    ...limits,
    isProxy,
    connections: 100,
  });
  const endSink = await startAuditSink({ ...configuration.auditSink, ...parts });
  const [url, operationsUrl] = await listenBoth(
    [server, host, port],
    [operations, configuration.operationsHost, configuration.operationsPort],
  ).catch(async (error) => {
    await endSink();
    throw error;
  });
  const endSchedules = [
    startRotationSchedule({ ...rotation, ...parts, authority, metrics }),
    startRetentionSchedule({ ...configuration, ...retention, ...parts, metrics }),
  ];
  logger.info({ url, operationsUrl }, 'listening');
  const stop = once(async () => {
    state = 'stopping';
    logger.info('stopping');
    for (const end of endSchedules) end();
    await endSink();
    await sleep(drain.delaySeconds * 1000);
    await closeGracefully(server, drain.timeoutSeconds);
    await authority.close();
    await closeGracefully(operations, 1);
    await disconnect();
    logger.info('stopped');
  });
  return { url, operationsUrl, stop };
}

/** Runs the work at the first call; every call waits for it. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}

type ListenArguments = readonly [server: Server, host: string, port: number];

/** Both or neither: a server that keeps listening would keep the process alive. */
async function listenBoth(one: ListenArguments, other: ListenArguments): Promise<[string, string]> {
  const [server] = one;
  const url = await listen(...one);
  try {
    return [url, await listen(...other)];
  } catch (error) {
    server.close();
    throw error;
  }
}

/** Creates the authority, and its request handler with logs, metrics and traces. */
async function createInstrumentedAuthority(
  { configuration, authenticators, logger, store, sharedLimits, clock }: ServeParts,
  metrics: Metrics,
  isStopping: () => boolean,
) {
  const tracing = await openTracing();
  const authority = await createAuthority(
    {
      ...toAuthorityOptions(configuration),
      ...authenticators,
      createSharedRateLimiter: sharedLimits?.createSharedRateLimiter,
      forwardAuth: await openForwardAuth(configuration.forwardAuth),
      readMetrics: async () => (await metrics.format()).text,
      store,
      onFailure(err) {
        metrics.countFailure();
        logger.error({ err }, 'failure');
      },
      onResponse(entry) {
        metrics.countResponse(entry);
        tracing.nameSpan(entry.method, entry.route);
        logger.info(entry, 'answered');
      },
    },
    { clock },
  );
  const findConsolePage = await openConsoleRoute(configuration);
  const handle = async (request: Request, env: unknown) => {
    const response =
      findConsolePage(request) ?? (await tracing.trace(request, () => authority.fetch(request, env)));
    if (isStopping()) response.headers.set('connection', 'close');
    return response;
  };
  return { authority, handle };
}
