/** The build gathers the styles that a module imports. */
declare module '*.css';
