import { parse, TomlError } from 'smol-toml';
import { chatgptAuthError } from './errors.js';

/**
 * Parses TOML. Integers that a number cannot hold become bigints: settings that are not ours may hold any 64-bit integer.
 *
 * @param what Names the document in error messages, such as `config.toml`.
 * @throws AgentIdentityError `invalid_config`
 */
export function parseToml(toml: string, what: string): unknown {
  try {
    return parse(toml, { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    // The parser's message quotes the lines around the fault, which may hold a key.
    const reason = error instanceof TomlError ? `line ${error.line} is not TOML` : 'it is not TOML';
    throw chatgptAuthError('invalid_config', `${what}: ${reason}`);
  }
}
