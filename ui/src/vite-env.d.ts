/// <reference types="vite/client" />
interface ImportMetaEnv {
  /** `1` puts the invented host into a production build, for looking at it in a browser. */
  readonly VITE_FAKE?: string
}
