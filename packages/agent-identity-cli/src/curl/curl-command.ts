import { readFile } from 'node:fs/promises';
import { systemErrorCode } from 'agent-identity-core/http';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import { collect } from '../program/collect.js';
import { CommandEnded } from '../program/command-ended.js';
import type { CommandIo } from '../program/command-io.js';
import { exitCodes } from '../program/exit-codes.js';
import { addIdentityOptions, type IdentityOptions, requireIdentity } from '../session/identity-options.js';

interface CurlOptions extends IdentityOptions {
  readonly request?: string;
  readonly header?: readonly string[];
  readonly data?: string;
  readonly include?: boolean;
}

/** Creates the command `curl`, which sends one signed request. */
export function createCurlCommand(io: CommandIo): Command {
  return addIdentityOptions(new Command('curl'))
    .description(
      'Sends one signed request and prints the response. The options are some of those of curl. The credentials go to the origin of the URL ' +
        'only, which must be https or loopback. Each run registers another task.',
    )
    .argument('<url>', 'where to send the request')
    .option('-X, --request <method>', 'the method; GET by default, POST with --data')
    .option('-H, --header <header>', 'a header such as "accept: text/plain"; repeat it', collect)
    .option('-d, --data <data>', 'the body; @FILE reads a file, @- standard input')
    .option('-i, --include', 'print the status and the headers of the response too')
    .addHelpText('after', help)
    .action(async (url: string, options: CurlOptions, command: Command) => {
      const { status, body, headers } = await sendSigned(url, options, io);
      const isJson = command.opts()['json'] === true;
      const head = options.include === true ? `HTTP ${status}\n${headers.join('\n')}\n\n` : '';
      await io.write(isJson ? `${JSON.stringify({ status, headers, body }, null, 2)}\n` : `${head}${body}`);
      if (status >= 400) throw new CommandEnded(exitCodeOf(status));
    });
}

async function sendSigned(url: string, options: CurlOptions, io: CommandIo) {
  if (!URL.canParse(url)) throw commandLineError('invalid_argument', 'url: expected an absolute URL');
  const body = await readBody(options.data, io);
  const { request: method = body === undefined ? 'GET' : 'POST' } = options;
  const headers = readHeaders(options.header ?? []);
  const auth = await requireIdentity(options, io);
  const { providerFetch } = await import('provider-auth');
  const baseUrl = new URL(url).origin;
  const send = providerFetch(auth, { kind: 'first_party', baseUrl }, { fetch: io.fetch });
  const response = await send(url, { method, headers, ...(body !== undefined && { body }) });
  return {
    status: response.status,
    headers: Array.from(response.headers, ([name, value]) => `${name}: ${value}`),
    body: await response.text(),
  };
}

function readHeaders(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw commandLineError('invalid_argument', '--header: expected a name, a colon and a value');
    }
    headers.append(name, value);
  }
  return headers;
}

async function readBody(data: string | undefined, io: CommandIo): Promise<string | undefined> {
  if (data === '@-') return io.readInput(Number.POSITIVE_INFINITY);
  if (!data?.startsWith('@')) return data;
  try {
    return await readFile(data.slice(1), 'utf8');
  } catch (error) {
    const reason = systemErrorCode(error) ?? 'unknown error';
    throw commandLineError('unreadable_file', `--data: the file cannot be read: ${reason}`);
  }
}

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return exitCodes.refused;
  return status === 429 || status >= 500 ? exitCodes.unavailable : exitCodes.failure;
}

const help = `
Exit codes: 5 for the statuses 401 and 403, 6 for 429 and 5xx, 1 for other 4xx.

Examples:
  $ agent-identity curl https://chatgpt.com/backend-api/codex/models
  $ agent-identity curl -d @request.json -H 'content-type: application/json' https://api.example.com/v1/responses`;
