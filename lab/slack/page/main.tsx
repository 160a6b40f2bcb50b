import { createRoot } from 'react-dom/client'
import 'slack-blocks-to-jsx/dist/style.css'
import { App } from './App.js'
import './style/index.css'

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<App />)
