// Older versions, with the types of the current versions.

declare module 'express-4' {
  export { default } from 'express';
}

declare module 'node-fetch-2' {
  export { default } from 'node-fetch';
}
