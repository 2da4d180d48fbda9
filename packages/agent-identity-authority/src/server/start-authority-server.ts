import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuthorityStore, createAuthority, type OidcTokensEffects } from 'agent-identity-authority-core';
import type { DestinationStream, Logger } from 'pino';
import type { Configuration, ConfigurationInput } from '../configuration/configuration.js';
import type { Authenticators } from '../configuration/open-authenticators.js';
import { openAuthenticators } from '../configuration/open-authenticators.js';
import { openConfiguredStore } from '../configuration/open-configured-store.js';
import { parseConfiguration } from '../configuration/read-configuration.js';
import { closeGracefully } from './close-gracefully.js';
import { httpServer, listen } from './http-server.js';
import { authorityLogger } from './logger.js';
import { type Metrics, metrics } from './metrics.js';
import { operationsFetch } from './operations-fetch.js';
import { requireLoopbackForDevTokens } from './require-loopback-for-dev-tokens.js';
import { startRotation } from './rotation-schedule.js';
import { toAuthorityOptions } from './to-authority-options.js';
import { openTracing } from './tracing.js';

/** Options for `startAuthorityServer`: the settings of the program, each with its default, and a log. */
export type StartAuthorityServerOptions = ConfigurationInput & {
  /** Receives the log, one JSON line at a time; nothing is logged by default. */
  readonly log?: DestinationStream | undefined;
};

/** An authority that answers over HTTP. */
export interface AuthorityServer {
  /** Where it answers, without the base path. */
  readonly url: string;
  /** Where it tells of its health and its metrics. */
  readonly operationsUrl: string;
  /**
   * Says that it is not ready, waits for balancers to follow, takes no more connections, lets requests under way finish
   * within the time limit, and closes the store.
   */
  stop(): Promise<void>;
}

/**
 * Starts an authority on Node by its configuration: its store, its HTTP server, another one for operations, and the
 * schedule of rotations.
 *
 * @throws AgentIdentityError `invalid_configuration`, `unsafe_configuration`, `invalid_argument`, and those of `openStore`;
 * the error of Node for an address that cannot be listened on
 */
export async function startAuthorityServer(
  { log = { write() {} }, ...settings }: StartAuthorityServerOptions = {},
  effects: OidcTokensEffects = {},
): Promise<AuthorityServer> {
  const configuration = parseConfiguration(settings, () => 'options');
  const authenticators = await openAuthenticators(configuration, effects);
  requireLoopbackForDevTokens(authenticators.authenticator, configuration.host);
  const logger = authorityLogger(configuration.logLevel, log);
  const store = await openConfiguredStore(configuration, (err) => logger.error({ err }, 'the store failed'));
  try {
    return await serveStore({ configuration, authenticators, logger, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface ServedStore {
  readonly configuration: Configuration;
  readonly authenticators: Authenticators;
  readonly logger: Logger;
  readonly store: AuthorityStore;
}

async function serveStore(served: ServedStore): Promise<AuthorityServer> {
  const { configuration, logger, store } = served;
  const { host, port, limits, drain, rotation, operationsHost, operationsPort } = configuration;
  let state: 'ready' | 'stopping' = 'ready';
  const measured = metrics(() => new Promise((resolve) => server.getConnections((_error, n) => resolve(n))));
  const { authority, answer } = await answering(served, measured, () => state === 'stopping');
  const server = httpServer(answer, limits);
  const ready = async () => {
    if (state === 'stopping') throw new Error('stopping');
    await Promise.race([store.ping(), sleep(2000, undefined, { ref: false }).then(() => Promise.reject())]);
  };
  const operations = httpServer(operationsFetch({ ready, metrics: measured }), {
    ...limits,
    connections: 100,
  });
  const [url, operationsUrl] = await listenBoth(
    [server, host, port],
    [operations, operationsHost, operationsPort],
  );
  const endRotation = startRotation({ ...rotation, authority, store, logger, metrics: measured });
  logger.info({ url, operationsUrl }, 'listening');
  const stopOnce = async () => {
    state = 'stopping';
    logger.info('stopping');
    endRotation();
    await sleep(drain.delaySeconds * 1000);
    await closeGracefully(server, drain.timeoutSeconds);
    await authority.close();
    await closeGracefully(operations, 1);
    await store.close();
    logger.info('stopped');
  };
  let stopped: Promise<void> | undefined;
  return {
    url,
    operationsUrl,
    stop() {
      stopped ??= stopOnce();
      return stopped;
    },
  };
}

type ListenOn = readonly [server: Server, host: string, port: number];

/** Both or neither: a server that stays would keep the process. */
async function listenBoth(one: ListenOn, other: ListenOn): Promise<[string, string]> {
  const [server] = one;
  const url = await listen(...one);
  try {
    return [url, await listen(...other)];
  } catch (error) {
    server.close();
    throw error;
  }
}

/** The authority, and its answers with everything around them: logs, metrics, spans. */
async function answering(
  { configuration, authenticators, logger, store }: ServedStore,
  measured: Metrics,
  isStopping: () => boolean,
) {
  const tracing = await openTracing();
  const authority = await createAuthority(
    { ...toAuthorityOptions(configuration), ...authenticators, store },
    {
      onFailure(err) {
        measured.countFailure();
        logger.error({ err }, 'failure');
      },
      onAnswer(answered) {
        measured.countAnswer(answered);
        tracing.nameSpan(answered.method, answered.route);
        logger.info(answered, 'answered');
      },
    },
  );
  const answer = async (request: Request, env: unknown) => {
    const response = await tracing.traced(request, () => authority.fetch(request, env));
    if (isStopping()) response.headers.set('connection', 'close');
    return response;
  };
  return { authority, answer };
}
