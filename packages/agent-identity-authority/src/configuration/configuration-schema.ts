import * as z from 'zod';
import type { Configuration, ConfigurationInput } from './configuration.js';
import { consoleSchema } from './console-schema.js';
import {
  administrators,
  agents,
  credentials,
  list,
  secret,
  text,
  verifiers,
} from './token-settings-schema.js';

const number = (description: string, fallback: number, min: number, max: number) =>
  z.int().min(min).max(max).default(fallback).meta({ description });

const century = 3_155_760_000;

/** The schema of all settings of the server and the command line. It refuses unknown names. */
export const configurationSchema: z.ZodType<Configuration, ConfigurationInput> = z.strictObject({
  store: z.string().min(1).default('pglite:agent-identity-authority').meta({
    description:
      'Where to store the data: pglite:FOLDER, postgres://…, or memory:, which loses it at the end.',
  }),
  masterKey: secret('The key that encrypts private signing keys at rest: the base64 of 32 random bytes.'),
  masterKeyFile: text('A file that holds the master key.'),
  otherMasterKeyFiles: list('Files of earlier master keys, to decrypt with.'),
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'The address to listen on.' }),
  port: number('The port to listen on; 0 for any.', 8787, 0, 65_535),
  basePath: z
    .string()
    .default('')
    .meta({ description: 'The path prefix of all routes, such as /api/accounts.' }),
  trustedProxies: z.array(z.string().min(1)).default([]).meta({
    description: 'Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-For is trusted.',
  }),
  operationsHost: z.string().min(1).default('127.0.0.1').meta({
    description: 'The address for health checks and metrics; keep it private.',
  }),
  operationsPort: number('The port for health checks and metrics; 0 for any.', 8788, 0, 65_535),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta({ description: 'The lowest level to log, as JSON lines on standard output.' }),
  jwtLifetimeSeconds: number('The longest lifetime of an Agent Identity JWT.', 86_400, 1, century),
  taskIdleTtlSeconds: z.int().min(3600).max(century).optional().meta({
    description: 'After how many seconds without use a task expires; never by default.',
  }),
  instanceIdleTtlSeconds: number(
    'After how many seconds without use a runtime agent instance expires.',
    2_592_000,
    3600,
    century,
  ),
  directoryMaxAgeSeconds: number('How long verifiers may cache a directory entry.', 2, 0, 5),
  sealTaskIds: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether to encrypt task ids for the agent’s key.' }),
  url: text('The URL of a running authority; without it, a command opens the store itself.'),
  agents: agents.prefault({}),
  platformApiKeys: credentials('API keys').prefault({}),
  personalAccessTokens: credentials('personal access tokens').prefault({}),
  administrators: administrators.prefault({}),
  verifiers: verifiers.prefault({}),
  console: consoleSchema.prefault({}),
  storage: z
    .strictObject({
      timeoutSeconds: number('The limit of a store call.', 5, 1, 60),
      connections: number('Connections to a Postgres server for changes.', 10, 1, 1000),
      readConnections: number('Connections to a Postgres server for reads.', 10, 1, 1000),
      cacheSeconds: number(
        'How long to cache runtimes, tasks and instances. A lost notification can delay a revocation by this much.',
        2,
        0,
        5,
      ),
    })
    .prefault({}),
  rotation: z
    .strictObject({
      everySeconds: number(
        'The age at which a signing key is rotated; 0 disables rotation.',
        7_776_000,
        0,
        century,
      ),
      activateAfterSeconds: number('How long the next key is published before it signs.', 900, 0, century),
    })
    .prefault({}),
  auditSink: z
    .strictObject({
      file: text(
        'Where to write the entries of the audit log as JSON lines: a file, or - for standard output.',
      ),
      positionFile: text('Where to remember how far they were written; FILE.position by default.'),
    })
    .prefault({}),
  forwardAuth: z
    .strictObject({
      rulesFile: text(
        'A JSON file with rules and headers: serves /v1/forward-auth for reverse proxies, which this port must then be private to.',
      ),
    })
    .prefault({}),
  retention: z
    .strictObject({
      endedSeconds: number(
        'How long tasks and instances are kept after they ended; 0 keeps them for ever. Runtimes are always kept.',
        2_592_000,
        0,
        century,
      ),
    })
    .prefault({}),
  limits: z
    .strictObject({
      addressRequestsPerMinute: number(
        'Requests from one address, except with an administrator or verifier token; 0 disables the limit.',
        3000,
        0,
        1e6,
      ),
      runtimeRequestsPerMinute: number(
        'Task registrations of one runtime, without identical repeats; 0 disables the limit.',
        300,
        0,
        1e6,
      ),
      accountRuntimesPerHour: number('New runtimes of one account; 0 disables the limit.', 600, 0, 1e6),
      userInstancesPerHour: number(
        'New runtime agent instances of one user of an account or organization; 0 disables the limit.',
        6000,
        0,
        1e6,
      ),
      shared: text(
        'Where the nodes count together, redis://HOST or rediss://HOST; each node counts by itself by default, and while it is away.',
      ),
      connections: number('Concurrent connections; more are closed.', 2000, 1, 1e6),
      connectionsPerAddress: number(
        'Concurrent connections of one address, except trusted proxies; more are closed.',
        500,
        1,
        1e6,
      ),
      headersTimeoutSeconds: number('How long the headers of a request may take.', 10, 1, 600),
      requestTimeoutSeconds: number('How long a whole request may take to arrive.', 30, 1, 600),
      keepAliveSeconds: number('How long an idle connection stays open.', 5, 1, 600),
    })
    .prefault({}),
  drain: z
    .strictObject({
      delaySeconds: number(
        'How long to accept connections after SIGTERM, so that load balancers can follow.',
        0,
        0,
        600,
      ),
      timeoutSeconds: number('How long running requests may then take.', 20, 1, 600),
    })
    .prefault({}),
});
