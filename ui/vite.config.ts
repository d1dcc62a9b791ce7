import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { port: 5173, strictPort: true, host: 'localhost' },
  build: {
    // WebKitGTK 2.40 and WebView2 both understand ES2022.
    target: 'es2022',
    // The window's policy forbids inlined fonts, and an inlined module preload would be an inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The window loads it from the program itself; a test holds the whole bundle to 300 kB gzipped.
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // Whole screens are drawn and looked at by axe; a busy machine takes its time for it.
    testTimeout: 30_000,
  },
})
