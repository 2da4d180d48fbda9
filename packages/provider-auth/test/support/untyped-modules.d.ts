// An older version, with the types of the current one.
declare module 'node-fetch-2' {
  export { default } from 'node-fetch';
}
