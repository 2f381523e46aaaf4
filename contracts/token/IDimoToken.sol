// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The governance token: ERC-20 with permit, snapshot votes by timestamp, and supply changed only by vote.
interface IDimoToken {
    /// @dev Who receives how much of the initial supply; what is left over goes to the treasury.
    struct Allocation {
        address holder;
        uint256 amount;
    }

    /// @notice New tokens were created by governance.
    event Minted(address indexed to, uint256 amount);

    /// @notice The caller's own tokens were destroyed by governance.
    event Burned(address indexed from, uint256 amount);

    /// @dev The allocations add up to more than the initial supply.
    error DimoTokenOverAllocated(uint256 allocated, uint256 supply);

    /**
     * @notice Mints the initial supply, once.
     * @param authority The AccessManager that decides who may mint, burn and upgrade.
     * @param treasury Receives what the allocations leave over.
     * @param allocations In token units of 18 decimals; their sum is at most {INITIAL_SUPPLY}.
     */
    function initialize(address authority, address treasury, Allocation[] calldata allocations) external;

    /// @notice Creates `amount` tokens for `to`. Restricted.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys `amount` of the caller's own tokens. Restricted; no holder's tokens can be burnt without them.
    function burn(uint256 amount) external;
}
