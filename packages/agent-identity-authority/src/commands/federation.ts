import { Command } from 'commander';
import { openFederation } from '../configuration/open-federation.js';
import { readSecretFile } from '../configuration/read-configuration-file.js';
import { programError } from '../errors.js';
import type { CommandIo } from './command-io.js';
import { addSettings, readCommandConfiguration } from './setting-options.js';

/** Creates the command `federation`, which explains the rules for tokens of agents. */
export function createFederationCommand(io: CommandIo): Command {
  return new Command('federation')
    .summary('explain the rules for tokens of agents')
    .addCommand(createFederationTestCommand(io));
}

function createFederationTestCommand(io: CommandIo): Command {
  return addSettings(new Command('test'), 'all')
    .summary('say what each rule says to a token')
    .description(
      'Prints what each rule of agents.federationFile for its issuer says to it, as JSON. ' +
        'It registers nothing. With jwksFile in the rules, it needs no network. Exits with 3 if the token is refused.',
    )
    .requiredOption('--token-file <file>', 'a file that holds the token')
    .action(async ({ tokenFile }: { readonly tokenFile: string }, command: Command) => {
      const { configuration } = await readCommandConfiguration(command, io);
      const { federationFile } = configuration.agents;
      if (federationFile === undefined) {
        throw programError('invalid_configuration', 'agents.federationFile: required for this command');
      }
      const rules = await openFederation(federationFile, {}, {});
      const { outcomes, account } = await rules.explain(await readSecretFile(tokenFile));
      const explained = outcomes.map(({ rule, refusal }) => ({
        rule,
        fits: refusal === undefined,
        ...refusal,
      }));
      await io.write(
        `${JSON.stringify({ accepted: account !== undefined, account: account ?? null, rules: explained }, null, 2)}\n`,
      );
      if (account === undefined) {
        throw programError('token_refused', 'no rule accepts the token; the output says why');
      }
    });
}
