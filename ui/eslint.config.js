import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/wire'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      'max-lines': ['error', 500],
      'no-console': 'error',
      // Book text and model output are hostile: text nodes only.
      'svelte/no-at-html-tags': 'error',
      // The window's policy forbids style attributes in markup; `style:` directives go through the CSSOM.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'SvelteAttribute[key.name="style"]',
          message: 'Use style: directives; the policy forbids style attributes.',
        },
      ],
      'no-restricted-imports': ['error', { patterns: [{ group: ['@tauri-apps/*'], message: 'Only host/tauri.ts.' }] }],
    },
  },
  {
    // Stores replace what screens read; their plain sets and maps are what no screen shows.
    files: ['src/state/*.svelte.ts'],
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  { files: ['src/host/tauri.ts'], rules: { 'no-restricted-imports': 'off' } },
)
