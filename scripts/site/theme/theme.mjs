// The theme of VitePress with a layout of ours for the playground.
import DefaultTheme from "vitepress/theme";
import Playground from "./playground.vue";
import "./site.css";

export const theme = { extends: DefaultTheme, enhanceApp: ({ app }) => app.component("playground", Playground) };
