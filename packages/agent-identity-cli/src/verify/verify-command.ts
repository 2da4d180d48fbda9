import { withoutHeaderName } from 'agent-identity-inspector';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { parseSeconds, parseTime } from '../program/parse-time.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readInputText } from '../program/read-input-text.js';
import { verifyAssertionText } from './verify-assertion-text.js';
import type { VerifyOptions } from './verify-options.js';

/** Creates the command `verify` (docs/protocol.md sections 3 and 7). */
export function createVerifyCommand(io: CommandIo): Command {
  return new Command('verify')
    .description(
      'Verifies an agent assertion with the public key of its runtime (docs/protocol.md section 3), or an Agent Identity JWT ' +
        'with the JWKS of its issuer (section 7). Whether the runtime was revoked, only its authority knows.',
    )
    .argument('[input]', 'the header, assertion or JWT, or a file with it; - or nothing is standard input')
    .option('--public-key <line>', 'for an assertion: the OpenSSH line, or a file with it')
    .option('--jwks-file <file>', 'for a JWT: the JWKS, instead of fetching it')
    .option(
      '--jwt-base-url <url>',
      'for a JWT: the base of the JWKS URL [CODEX_AGENT_IDENTITY_JWKS_BASE_URL]; production by default',
    )
    .option('--max-age-seconds <n>', 'for an assertion: the maximum age', parseSeconds)
    .option('--leeway-seconds <n>', 'how far the clocks may differ', parseSeconds)
    .option('--at <time>', 'verify for this RFC 3339 time instead of now', parseTime)
    .addHelpText('after', help)
    .action(async (input: string | undefined, options: VerifyOptions, command: Command) => {
      const { text } = await readInputText(input, io);
      await printResult(io, command, await verifyText(text, options, io));
    });
}

async function verifyText(text: string, options: VerifyOptions, io: CommandIo): Promise<CommandResult> {
  const value = withoutHeaderName(text);
  if (/^AgentAssertion |^1\./.test(value)) {
    refuse(options, ['jwksFile', 'jwtBaseUrl'], 'a JWT');
    return verifyAssertionText(value, options, io);
  }
  if (value.split('.').length !== 3) {
    throw commandLineError('unrecognized_input', 'expected an agent assertion or a JWT, got other text');
  }
  refuse(options, ['publicKey', 'maxAgeSeconds'], 'an assertion');
  const { verifyJwtText } = await import('./verify-jwt-text.js');
  return verifyJwtText(value, options, io);
}

/** An option without effect would look like a check that was made. */
function refuse(options: VerifyOptions, names: readonly (keyof VerifyOptions)[], form: string): void {
  const name = names.find((option) => options[option] !== undefined);
  if (name === undefined) return;
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw commandLineError('invalid_argument', `--${flag}: has an effect only for ${form}`);
}

const help = `
Examples:
  $ agent-identity verify "$HEADER" --public-key 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…'
  $ agent-identity verify agent.jwt --jwt-base-url https://authority.example`;
