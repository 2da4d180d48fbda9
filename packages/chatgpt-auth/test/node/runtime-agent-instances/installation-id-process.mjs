// A process of its own that reads or creates the installation id of a folder, for tests that race such processes. It waits
// for a line on stdin, so that all begin together, and prints the id.
import { once } from 'node:events';
import { argv, stdin, stdout } from 'node:process';
import { readOrCreateInstallationId } from 'chatgpt-auth/node';

const [codexHome, withoutFlock] = argv.slice(2);
const unsupported = () => Promise.reject(Object.assign(new Error('no flock here'), { code: 'ENOSYS' }));
const effects = withoutFlock === 'without-flock' ? { flock: unsupported } : {};

stdout.write('ready\n');
await once(stdin, 'data');
stdout.write(await readOrCreateInstallationId({ codexHome }, effects));
stdin.destroy();
