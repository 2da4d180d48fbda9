import { readFile } from 'node:fs/promises';
import type { AgentSigner } from 'agent-identity-core';
import { parseJson, showFileName, systemErrorCode } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { openCodexLogin } from 'chatgpt-auth/node';
import { defineProvider, loadAuth, type SessionAuth } from 'provider-auth';
import { responsesRules } from '../allow-list/responses-rules.js';
import { brokerError } from '../errors.js';
import type { Broker } from '../running-broker.js';
import { startBroker } from '../start-broker.js';
import type { ProgramIo } from './program-io.js';
import { openRequestLog } from './request-log.js';

/** The options of the command line. */
export interface BrokerProgramOptions {
  readonly baseUrl: string;
  readonly allow?: readonly string[] | undefined;
  readonly jwtFile?: string | undefined;
  readonly recordFile?: string | undefined;
  readonly sshAgent?: string | undefined;
  readonly authapiBaseUrl?: string | undefined;
  readonly jwtBaseUrl?: string | undefined;
  readonly port?: number | undefined;
  readonly socket?: string | undefined;
  readonly accessTokenFile?: string | undefined;
  readonly logFile?: string | undefined;
  readonly metricsPort?: number | undefined;
}

/**
 * Starts a broker as the command line says.
 *
 * @throws AgentIdentityError `unreadable_file`, `unwritable_file`, and the codes of `startBroker` and of the login
 */
export async function startFromOptions(
  options: BrokerProgramOptions,
  { environment }: Pick<ProgramIo, 'environment'>,
): Promise<{ readonly broker: Broker; close(): Promise<void> }> {
  const { baseUrl, port, socket, accessTokenFile, logFile, metricsPort } = options;
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const accessToken =
    accessTokenFile === undefined ? undefined : await readTextFile(accessTokenFile, '--access-token-file');
  const log = openRequestLog(logFile);
  const metrics = metricsPort === undefined ? undefined : await createMetrics();
  const broker = await startBroker({
    auth: await loadCredentials(options, environment),
    provider,
    allow: options.allow ?? responsesRules(provider.baseUrl),
    port,
    socketPath: socket,
    accessToken,
    onRequest(entry) {
      log.write(entry);
      metrics?.onRequest(entry);
    },
  });
  try {
    const endMetrics = metrics && (await metrics.serve(metricsPort));
    return {
      broker,
      async close() {
        await broker.close();
        endMetrics?.();
        log.close();
      },
    };
  } catch (error) {
    await broker.close();
    throw error;
  }
}

/** Loads the library of the metrics, which is needed only if they are wanted. */
async function createMetrics() {
  const { createBrokerMetrics } = await import('../metrics.js');
  const { serveMetrics } = await import('./serve-metrics.js');
  const metrics = createBrokerMetrics();
  return { ...metrics, serve: (port: number | undefined) => serveMetrics(metrics, port ?? 0) };
}

async function loadCredentials(
  { jwtFile, recordFile, sshAgent, authapiBaseUrl, jwtBaseUrl = authapiBaseUrl }: BrokerProgramOptions,
  env: ProgramIo['environment'],
): Promise<SessionAuth> {
  const urls = { authapiBaseUrl, jwtBaseUrl };
  if (sshAgent !== undefined && recordFile === undefined) {
    throw brokerError('invalid_argument', '--ssh-agent: expected --record-file beside it');
  }
  if (recordFile !== undefined) {
    if (jwtFile !== undefined) {
      throw brokerError('invalid_argument', 'expected one of --jwt-file and --record-file, got both');
    }
    const record = parseJson(await readTextFile(recordFile, '--record-file')) as AgentIdentityRecord;
    const signer = sshAgent === undefined ? undefined : await openSigner(sshAgent, env);
    return loadAuth({ record, signer, ...urls });
  }
  if (jwtFile === undefined) return loadAuth({ login: await openCodexLogin({ env, ...urls }) });
  return loadAuth({ jwt: await readTextFile(jwtFile, '--jwt-file'), ...urls });
}

/** Opens a key that an ssh-agent holds. A person may have to confirm each signature. */
async function openSigner(key: string, env: ProgramIo['environment']): Promise<AgentSigner> {
  const socketPath = env['SSH_AUTH_SOCK'];
  if (!socketPath) {
    throw brokerError(
      'invalid_argument',
      '--ssh-agent: expected SSH_AUTH_SOCK to name the socket of an agent',
    );
  }
  const { openSshAgentSigner } = await import('agent-identity-registry/ssh-agent');
  const named = key.startsWith('SHA256:') ? key : await readTextFile(key, '--ssh-agent');
  return openSshAgentSigner({ socketPath, key: named, timeoutSeconds: 30 });
}

/** Names the option and the file, and nothing that is in it. */
async function readTextFile(path: string, option: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    throw brokerError('unreadable_file', `${option}: ${showFileName(path)} cannot be read: ${code}`);
  }
}
