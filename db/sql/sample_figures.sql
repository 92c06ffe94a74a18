SELECT figures_rebuild(true)
