/** The names of the columns, in the order of the tables: dashboards and queries depend on them. */

const words = (text: string): string[] => text.trim().split(/\s+/);

const YEARS = `pct_var_ano_a0 pct_var_ano_a1 pct_var_ano_a2 pct_var_ano_a3 pct_var_ano_a4
  pct_var_ano_a5`;

export const acoesNames = words(`
  nome_papel tipo_papel nome_empresa nome_setor nome_subsetor vlr_cot dt_ult_cot vlr_min_52_sem
  vlr_max_52_sem vol_med_neg_2m vlr_mercado vlr_firma dt_ult_balanco_proc num_acoes
  pct_var_dia pct_var_mes pct_var_30d pct_var_12m ${YEARS}
  vlr_ind_p_sobre_l vlr_ind_p_sobre_vp vlr_ind_p_sobre_ebit vlr_ind_psr vlr_ind_p_sobre_ativ
  vlr_ind_p_sobre_cap_giro vlr_ind_p_sobre_ativ_circ_liq vlr_ind_div_yield vlr_ind_ev_sobre_ebitda
  vlr_ind_ev_sobre_ebit pct_cresc_rec_liq_ult_5a vlr_ind_lpa vlr_ind_vpa vlr_ind_margem_bruta
  vlr_ind_margem_ebit vlr_ind_margem_liq vlr_ind_ebit_sobre_ativo vlr_ind_roic vlr_ind_roe
  vlr_liquidez_corr vlr_ind_divida_bruta_sobre_patrim vlr_ind_giro_ativos vlr_ativo
  vlr_disponibilidades vlr_ativ_circulante vlr_divida_bruta vlr_divida_liq vlr_patrim_liq
  vlr_receita_liq_ult_12m vlr_ebit_ult_12m vlr_lucro_liq_ult_12m
  vlr_receita_liq_ult_3m vlr_ebit_ult_3m vlr_lucro_liq_ult_3m
  datetime_exec
  vlr_ind_divida_liq_sobre_patrim vlr_depositos vlr_cart_credito
  vlr_result_int_financ_ult_12m vlr_rec_servicos_ult_12m
  vlr_result_int_financ_ult_3m vlr_rec_servicos_ult_3m
  outros_indicadores`);

export const fiisNames = words(`
  fii nome_fii tipo_mandato segmento tipo_gestao vlr_cot dt_ult_cot vlr_min_52_sem vlr_max_52_sem
  vol_med_neg_2m vlr_mercado num_cotas dt_ult_relat_ger dt_ult_informe_trim
  pct_var_dia pct_var_mes pct_var_30d pct_var_12m ${YEARS}
  vlr_ffo_yield vlr_ffo_sobre_cota vlr_div_yield vlr_dividendo_sobre_cota vlr_p_sobre_vp
  vlr_vp_sobre_cota vlr_rec_bruta_ult_12m vlr_vend_ativ_ult_12m vlr_ffo_ult_12m
  vlr_rendim_distr_ult_12m vlr_rec_bruta_ult_3m vlr_vend_ativ_ult_3m vlr_ffo_ult_3m
  vlr_rendim_distr_ult_3m vlr_ativos vlr_patrim_liq qtd_imoveis qtd_unidades vlr_imoveis_sobre_pl
  total_area_m2 vlr_aluguel_por_m2 vlr_do_m2 vlr_cap_rate vlr_vacancia_media
  datetime_exec outros_indicadores`);

export const quoteNames = words(`
  codigo_ticker_ativo tipo_ativo nome_ativo nome_setor_segmento vlr_cot dt_ult_cot vlr_min_52_sem
  vlr_max_52_sem pct_var_dia pct_var_mes pct_var_30d pct_var_12m ${YEARS} origem`);

export const integerNames = words('vol_med_neg_2m num_acoes num_cotas qtd_imoveis qtd_unidades');
export const dateNames = words(
  'dt_ult_cot dt_ult_balanco_proc dt_ult_relat_ger dt_ult_informe_trim',
);
export const textNames = words(`
  nome_papel tipo_papel nome_empresa nome_setor nome_subsetor fii nome_fii tipo_mandato segmento
  tipo_gestao datetime_exec outros_indicadores codigo_ticker_ativo tipo_ativo nome_ativo
  nome_setor_segmento origem`);
