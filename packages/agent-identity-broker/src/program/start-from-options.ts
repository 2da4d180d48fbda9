import { readFile } from 'node:fs/promises';
import { ignoringErrors } from 'agent-identity-core/http';
import { openCodexLogin } from 'chatgpt-auth/node';
import { pino } from 'pino';
import { defineProvider, loadAuth, type SessionAuth } from 'provider-auth';
import type { BrokerLogEntry } from '../broker-log-entry.js';
import { type Broker, startBroker } from '../start-broker.js';
import type { ProgramIo } from './program-io.js';

/** The options of the command line. */
export interface BrokerProgramOptions {
  readonly baseUrl: string;
  readonly allow?: readonly string[] | undefined;
  readonly jwtFile?: string | undefined;
  readonly authapiBaseUrl?: string | undefined;
  readonly jwtBaseUrl?: string | undefined;
  readonly port?: number | undefined;
  readonly socket?: string | undefined;
  readonly accessTokenFile?: string | undefined;
  readonly logFile?: string | undefined;
}

/** Starts a broker as the command line says. */
export async function startFromOptions(
  options: BrokerProgramOptions,
  { environment }: Pick<ProgramIo, 'environment'>,
): Promise<{ readonly broker: Broker; close(): Promise<void> }> {
  const { baseUrl, port, socket, accessTokenFile, logFile } = options;
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const accessToken = accessTokenFile && (await readFile(accessTokenFile, 'utf8')).trim();
  const log = openLog(logFile);
  const broker = await startBroker({
    auth: await loadCredentials(options, environment),
    provider,
    allow: options.allow ?? rulesBelow(new URL(provider.baseUrl).pathname.replace(/\/$/, '')),
    port,
    socketPath: socket,
    accessToken: accessToken === '' ? undefined : accessToken,
    onRequest: log.write,
  });
  return {
    broker,
    async close() {
      await broker.close();
      log.close();
    },
  };
}

async function loadCredentials(
  { jwtFile, authapiBaseUrl, jwtBaseUrl = authapiBaseUrl }: BrokerProgramOptions,
  env: ProgramIo['environment'],
): Promise<SessionAuth> {
  const urls = { authapiBaseUrl, jwtBaseUrl };
  if (jwtFile === undefined) return loadAuth({ login: await openCodexLogin({ env }), ...urls });
  return loadAuth({ jwt: (await readFile(jwtFile, 'utf8')).trim(), ...urls });
}

function rulesBelow(path: string): string[] {
  const rules = ['POST /responses', 'POST /responses/compact', 'GET /models', 'WEBSOCKET /responses'];
  return rules.map((rule) => rule.replace(' ', ` ${path}`));
}

interface RequestLog {
  readonly write: (entry: BrokerLogEntry) => void;
  readonly close: () => void;
}

function openLog(path: string | undefined): RequestLog {
  if (path === undefined) return { write: () => {}, close: () => {} };
  const destination = pino.destination({
    dest: path === '-' ? 2 : path,
    append: true,
    mode: 0o600,
    sync: true,
  });
  const logger = pino({ name: 'agent-identity-broker', base: null }, destination);
  return {
    write: (entry) => ignoringErrors(() => logger.info(entry, 'request')),
    close: () => void ignoringErrors(() => destination.flushSync()),
  };
}
