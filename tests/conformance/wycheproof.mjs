/**
 * Runs the Ed25519 verification cases of Project Wycheproof on both backends of core:
 * `pnpm --filter tests wycheproof <file>`. The file is Wycheproof's `testvectors_v1/ed25519_test.json`, which is not part
 * of this repository. Every `valid` case must verify. Every `invalid` case must be refused, either when the public key is
 * read or when the signature is checked.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { argv, env, execArgv, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import * as core from 'agent-identity-core';
import { bytesOfHex, sshLineOf } from './suite/bytes.mjs';
import { detectBackend } from './suite/describe-runtime.mjs';

const portable = '--conditions=agent-identity-portable';
const [file] = argv.slice(2).filter((argument) => argument !== '--');
if (file === undefined) {
  console.error('wycheproof: expected the path of the test vectors\n  pnpm --filter tests wycheproof <file>');
  exit(2);
}

const cases = readCases(resolve(env['INIT_CWD'] ?? '.', file));
const wrong = cases.filter((entry) => verdictOf(entry) !== entry.result);
for (const { tcId, comment, result } of wrong) {
  console.error(
    `case ${tcId} (${comment}): expected ${result}, got ${result === 'valid' ? 'invalid' : 'valid'}`,
  );
}
const count = (/** @type {string} */ result) => cases.filter((entry) => entry.result === result).length;
const totals = `${cases.length} cases, ${count('valid')} valid and ${count('invalid')} invalid`;
console.log(
  `wycheproof, ${detectBackend(core)} backend: ${totals}: ${wrong.length} with an unexpected result`,
);

const other = execArgv.includes(portable)
  ? undefined
  : spawnSync(execPath, [portable, fileURLToPath(import.meta.url), ...argv.slice(2)], { stdio: 'inherit' });
exit(wrong.length === 0 && (other === undefined || other.status === 0) ? 0 : 1);

/**
 * @typedef {{ tcId: number, comment: string, msg: string, sig: string, result: string, publicKey: string }} Case
 *
 * @param {string} path
 * @returns {Case[]}
 */
function readCases(path) {
  const { algorithm, numberOfTests, testGroups } = JSON.parse(readFileSync(path, 'utf8'));
  const read = testGroups.flatMap((/** @type {any} */ { type, publicKey, tests }) => {
    if (type !== 'EddsaVerify' || publicKey.curve !== 'edwards25519')
      throw new Error(`expected Ed25519 verification cases, got ${type}`);
    return tests.map((/** @type {any} */ test) => ({ ...test, publicKey: publicKey.pk }));
  });
  const unknown = read.find((/** @type {Case} */ { result }) => result !== 'valid' && result !== 'invalid');
  if (algorithm !== 'EDDSA' || read.length !== numberOfTests || read.length === 0 || unknown !== undefined) {
    throw new Error(`${path}: expected Ed25519 verification cases with the result valid or invalid`);
  }
  return read;
}

/** @param {Case} entry */
function verdictOf({ publicKey, msg, sig }) {
  try {
    const key = core.readSshPublicKey(sshLineOf(bytesOfHex(publicKey)));
    return key.verify(bytesOfHex(msg), bytesOfHex(sig)) ? 'valid' : 'invalid';
  } catch (error) {
    if (core.isAgentIdentityError(error) && error.code === 'invalid_public_key') return 'invalid';
    throw error;
  }
}
