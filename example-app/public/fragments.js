/** The fragments that are shown, the outer ones first. */
export const fragments = () => [...document.querySelectorAll('[data-fragment]')]
