// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title The platform's purse. Holds tokens and ether; only governance moves them, and it may do anything with them
 * except vote: the treasury's votes stay with the excluded address, so that a passed proposal can't hand them on.
 */
interface ITreasury {
    /// @notice `amount` of `token` was paid to `to`.
    event Spent(address indexed token, address indexed to, uint256 amount);

    /// @notice `amount` wei was paid to `to`.
    event EtherSpent(address indexed to, uint256 amount);

    /// @notice An arbitrary call was made.
    event Executed(address indexed target, uint256 value, bytes data);

    /// @notice `assets` of the vault's asset became `shares` of the vault.
    event Invested(address indexed vault, uint256 assets, uint256 shares);

    /// @notice `shares` of the vault became `assets` of its asset.
    event Divested(address indexed vault, uint256 shares, uint256 assets);

    /// @notice Ether arrived.
    event EtherReceived(address indexed from, uint256 amount);

    /// @dev A minimum of zero would accept any price, a manipulated one too.
    error TreasuryNoMinimum(address vault);

    /// @dev The vault gave less than the proposal asked for.
    error TreasuryBelowMinimum(address vault, uint256 received, uint256 minimum);

    /// @dev The call would have left the treasury's votes with `delegatee`.
    error TreasuryVotesDelegated(address delegatee);

    /**
     * @notice Sets the authority and delegates the treasury's votes to the excluded address, once.
     * @param authority The AccessManager that decides who may spend.
     * @param token The governance token.
     */
    function initialize(address authority, address token) external;

    /// @notice Pays `amount` of `token` to `to`. Restricted.
    function spend(address token, address to, uint256 amount) external;

    /// @notice Pays `amount` wei to `to`. Restricted.
    function spendEther(address payable to, uint256 amount) external;

    /**
     * @notice Calls `target` with anything at all. Restricted.
     * @dev Reverts with `TreasuryVotesDelegated` if the treasury's votes would end elsewhere than at the excluded
     * address, and as the target does if that reverts.
     */
    function execute(address target, uint256 value, bytes calldata data) external returns (bytes memory result);

    /**
     * @notice Deposits `assets` into an ERC-4626 vault for at least `minShares`, which must not be zero. Restricted.
     * @dev Counts what arrived instead of believing the vault, and leaves no allowance behind.
     */
    function invest(address vault, uint256 assets, uint256 minShares) external returns (uint256 shares);

    /// @notice Redeems `shares` of a vault for at least `minAssets`, which must not be zero. Restricted.
    function divest(address vault, uint256 shares, uint256 minAssets) external returns (uint256 assets);

    /// @notice The governance token whose votes are kept out of every ballot.
    function votesToken() external view returns (address);
}
