// Updates a file store many times; each update adds an element that no other update adds. Arguments as JSON.
import { argv, stdout } from 'node:process';
import { fileAuthStore } from 'chatgpt-auth/node';

const { home, label, updates, withoutFlock } = JSON.parse(argv[2] ?? '');
const noFlock = () => Promise.reject(Object.assign(new Error('no flock here'), { code: 'ENOSYS' }));
const store = fileAuthStore({ codexHome: home }, withoutFlock ? { flock: noFlock } : {});

for (let round = 0; round < updates; round += 1) {
  await store.update((text) => {
    const document = JSON.parse(text ?? '');
    return JSON.stringify({ ...document, updates: [...(document.updates ?? []), `${label}-${round}`] });
  });
  stdout.write(`${label}-${round}\n`);
}
