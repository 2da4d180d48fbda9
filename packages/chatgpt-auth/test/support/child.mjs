// Opens the store of a folder and gets its agent identity or its bearer token, in a process that tests race or kill. The
// first argument is the job as JSON. Prints the result.
import * as nodeFs from 'node:fs/promises';
import { kill, pid, stdout } from 'node:process';
import { openChatgptAuth } from 'chatgpt-auth';
import { fileAuthStore } from 'chatgpt-auth/node';

const {
  home,
  authapiBaseUrl,
  tokenUrl,
  now,
  action,
  withoutFlock,
  killAtStep,
  halfWrite,
  rounds = 1,
} = JSON.parse(process.argv[2]);

let steps = 0;

/** Counts a step of the file system, and dies before the step `killAtStep`. */
function step() {
  steps += 1;
  if (steps === killAtStep) kill(pid, 'SIGKILL');
}

function stepping(target, names) {
  const wrapped = {};
  for (const name of names) {
    wrapped[name] = async (...args) => {
      step();
      return target[name](...args);
    };
  }
  return wrapped;
}

const fs = {
  ...nodeFs,
  ...stepping(nodeFs, ['link', 'lstat', 'mkdir', 'readdir', 'realpath', 'rename', 'unlink', 'writeFile']),
  open: async (...args) => {
    step();
    const handle = await nodeFs.open(...args);
    const real = Object.fromEntries(
      ['chown', 'close', 'readFile', 'stat', 'sync', 'writeFile'].map((name) => [
        name,
        handle[name].bind(handle),
      ]),
    );
    const steppingHandle = stepping(real, Object.keys(real));
    return Object.assign(handle, steppingHandle, {
      writeFile: async (text) => {
        if (halfWrite && steps + 1 === killAtStep) await real.writeFile(text.slice(0, text.length / 2));
        await steppingHandle.writeFile(text);
      },
    });
  },
};

const unsupported = () => Promise.reject(Object.assign(new Error('no flock here'), { code: 'ENOSYS' }));
const effects = { clock: () => now, ...(withoutFlock && { flock: unsupported }) };

for (let round = 0; round < rounds; round += 1) {
  const store = fileAuthStore({ codexHome: home }, { ...effects, fs });
  const auth = await openChatgptAuth(
    { store, policy: 'chatgpt-auth', authapiBaseUrl, tokenUrl },
    { clock: () => now },
  );
  const got =
    action === 'bearer'
      ? (await auth.bearerHeaders()).Authorization
      : (await auth.agentIdentityAuth()).runTaskId;
  stdout.write(`${JSON.stringify({ got, steps })}\n`);
}
